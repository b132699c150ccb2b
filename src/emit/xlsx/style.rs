//! How cells look.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// The formats of the workbook.
pub(super) struct Style {
    pub title: Format,
    pub head: Format,
    pub cell: Format,
    pub name: Format,
    pub entry: Format,
    pub entry_date: Format,
    pub remark: Format,
    pub answer: Format,
    pub date: Format,
    pub bad: Format,
    pub open: Format,
}

const DARK: Color = Color::RGB(0x1F_3A5F);
const LINE: Color = Color::RGB(0xBF_C7D1);

impl Style {
    pub fn new() -> Self {
        let base = Format::new().set_font_name("Calibri").set_font_size(10).set_align(FormatAlign::Top);
        let boxed = base.clone().set_border(FormatBorder::Thin).set_border_color(LINE);
        let entry = boxed.clone().set_background_color(Color::RGB(0xFF_F6D6)).set_unlocked().set_align(FormatAlign::Left);
        Style {
            title: base.clone().set_bold().set_font_size(16).set_font_color(DARK),
            head: boxed
                .clone()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(DARK)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            cell: boxed.clone().set_text_wrap(),
            name: boxed.clone().set_bold().set_background_color(Color::RGB(0xF2_F5F9)).set_text_wrap(),
            entry_date: entry.clone().set_num_format("yyyy-mm-dd"),
            entry,
            remark: base.clone().set_font_color(Color::RGB(0x55_5F6B)).set_italic(),
            answer: boxed.clone().set_bold().set_font_size(12).set_text_wrap().set_font_color(DARK),
            date: boxed.clone().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            bad: Format::new().set_font_color(Color::RGB(0x9C_1C1C)).set_background_color(Color::RGB(0xFB_E3E3)),
            open: Format::new().set_font_color(Color::RGB(0x8A_5A00)).set_background_color(Color::RGB(0xFF_F0D0)),
        }
    }
}
