//! Numbers in a language: which sign separates thousands, and which the fraction. Digits come in, nothing is computed.

use super::Language;

/// Digits (`15824.5`) as a language writes them. In English thousands are separated only if wanted; in French wherever there are
/// five digits. What is no decimal number stays as it is.
pub fn number_text(digits: &str, separated: bool, language: Language) -> String {
    let (sign, unsigned) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(whole, fraction)| (whole, Some(fraction)));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !fraction.is_none_or(plain) {
        return digits.to_owned();
    }
    let (thousands, point) = match language {
        Language::English => (',', '.'),
        Language::French => ('\u{202f}', ','),
    };
    let mut out = String::with_capacity(digits.len() + digits.len() / 2);
    out.push_str(sign);
    let apart = separated || language == Language::French && whole.len() > 4;
    for (index, digit) in whole.chars().enumerate() {
        if apart && index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(thousands);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_signs() {
        let both = |digits, separated| {
            (number_text(digits, separated, Language::English), number_text(digits, separated, Language::French))
        };
        let is = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(both("1", true), is("1", "1"));
        assert_eq!(both("1234", true), is("1,234", "1\u{202f}234"));
        assert_eq!(both("1234", false), is("1234", "1234"));
        assert_eq!(both("-1234567", true), is("-1,234,567", "-1\u{202f}234\u{202f}567"));
        assert_eq!(both("-1234567", false), is("-1234567", "-1\u{202f}234\u{202f}567"));
        assert_eq!(both("2.5", false), is("2.5", "2,5"));
        assert_eq!(both("10^30", true), is("10^30", "10^30"));
    }
}
