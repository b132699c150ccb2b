//! The name of a regime as a Python module and as a distribution.

use super::super::text::identifier;

/// The words of Python that cannot be names (The Python Language Reference, 2.3.1), in lower case.
const KEYWORDS: &str = "and as assert async await break case class continue def del elif else except false finally for from global if import in is \
    lambda match none nonlocal not or pass raise return true try type while with yield";

/// The modules of the standard library (`sys.stdlib_module_names` of 3.9 to 3.14), which would be imported instead.
const STANDARD: &str = "\
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii \
    bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall compression \
    concurrent configparser contextlib contextvars copy copyreg cprofile crypt csv ctypes curses dataclasses datetime dbm \
    decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput \
    fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac \
    html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale \
    logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib \
    nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil \
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat \
    queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil \
    signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat \
    statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile \
    termios test textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle \
    turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound \
    wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

/// What stands beside the package: it would be hidden, or would hide.
const COMPANIONS: &str = "numpy pandas polars pyarrow pyspark py4j pip setuptools wheel pytest lexport lexport_runtime";

/// A name that Python imports and that `pip` takes as it is: lower-case letters, digits and single `_`, a letter first. A name that means
/// something else to Python gets `regime_` before it.
pub(super) fn module(regime: &str) -> String {
    let lower = identifier(regime).to_ascii_lowercase();
    let name = lower.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let taken = [KEYWORDS, STANDARD, COMPANIONS].iter().any(|all| all.split_ascii_whitespace().any(|one| one == name));
    match name.as_str() {
        "" => "regime".to_owned(),
        _ if taken || name.starts_with(|c: char| c.is_ascii_digit()) => format!("regime_{name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn names_are_those_of_modules_and_of_nothing_else() {
        for (regime, name) in [
            ("us_2023_11", "us_2023_11"),
            ("US-Tariffs", "us_tariffs"),
            ("a__b_", "a_b"),
            ("3A090", "regime_3a090"),
            ("email", "regime_email"),
            ("None", "regime_none"),
            ("numpy", "regime_numpy"),
            ("ünïcode", "n_code"),
            ("é", "regime"),
        ] {
            assert_eq!(module(regime), name);
        }
    }
}
