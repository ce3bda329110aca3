//! User agents as programs send them, and what they tell.

use std::time::{Duration, Instant};

use user_service_domain::session::{Device, DeviceName, DeviceType, OsName, UserAgent};

use super::UserAgentDevices;

const WEB: Option<DeviceType> = Some(DeviceType::Web);
const MOBILE: Option<DeviceType> = Some(DeviceType::Mobile);
const TABLET: Option<DeviceType> = Some(DeviceType::Tablet);
const DESKTOP: Option<DeviceType> = Some(DeviceType::Desktop);

/// A user agent, and the kind, name and operating system that it tells.
type Sample = (
    &'static str,
    Option<DeviceType>,
    Option<&'static str>,
    Option<&'static str>,
);

#[rustfmt::skip]
const SAMPLES: &[Sample] = &[
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        WEB, Some("Chrome 120 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
        WEB, Some("Edge 120 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
        WEB, Some("Firefox 121 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
        WEB, Some("IE 11 on Windows"), Some("Windows 7")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
        WEB, Some("Safari 17 on macOS"), Some("macOS")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0",
        WEB, Some("Opera 106 on macOS"), Some("macOS")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:121.0) Gecko/20100101 Firefox/121.0",
        WEB, Some("Firefox 121 on macOS"), Some("macOS")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2_1) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
        WEB, Some("Safari 17 on macOS"), Some("macOS 14")),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        WEB, Some("Chrome 120 on Linux"), Some("Linux")),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
        WEB, Some("Firefox 121 on Ubuntu"), Some("Ubuntu")),
    ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        WEB, Some("Chrome 120 on Chrome OS"), Some("Chrome OS")),
    ("Mozilla/5.0 (X11; FreeBSD amd64; rv:109.0) Gecko/20100101 Firefox/115.0",
        WEB, Some("Firefox 115 on FreeBSD"), Some("FreeBSD")),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
        MOBILE, Some("iPhone"), Some("iOS 17.4")),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
        MOBILE, Some("iPhone"), Some("iOS 17.1")),
    ("Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1",
        TABLET, Some("iPad"), Some("iOS 17.2")),
    ("Mozilla/5.0 (iPod touch; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 Mobile/15E148 Safari/604.1",
        MOBILE, Some("iPod touch"), Some("iOS 15.8")),
    ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        MOBILE, Some("Pixel 8"), Some("Android 14")),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        MOBILE, Some("Chrome Mobile 120 on Android"), Some("Android 10")),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        TABLET, Some("Chrome 120 on Android"), Some("Android 10")),
    ("Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
        MOBILE, Some("Samsung SM-S911B"), Some("Android 13")),
    ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        TABLET, Some("Samsung SM-X700"), Some("Android 13")),
    ("Mozilla/5.0 (Linux; Android 9; SM-G960F Build/PPR1.180610.011; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/74.0.3729.157 Mobile Safari/537.36",
        MOBILE, Some("Samsung SM-G960F"), Some("Android 9")),
    ("Mozilla/5.0 (Android 14; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0",
        MOBILE, Some("Firefox Mobile 121 on Android"), Some("Android 14")),
    ("Mozilla/5.0 (Android 14; Tablet; rv:121.0) Gecko/121.0 Firefox/121.0",
        TABLET, Some("Firefox Mobile 121 on Android"), Some("Android 14")),
    ("Mozilla/5.0 (Linux; U; Android 4.4.2; de-de; SM-T530 Build/KOT49H) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30",
        TABLET, Some("Samsung SM-T530"), Some("Android 4.4")),
    ("Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.3.1 like Chrome/120.0.6099.145 Safari/537.36",
        TABLET, Some("Amazon KFTRWI"), Some("Android 11")),
    ("Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+",
        TABLET, Some("Kindle"), Some("Kindle 3.0")),
    ("Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36",
        MOBILE, Some("CUBOT_X18_Plus"), Some("Android 9")),
    ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36",
        None, Some("Samsung Internet 4 on Tizen"), Some("Tizen 6.0")),
    ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
        None, Some("Chrome 94 on webOS"), Some("webOS")),
    ("Mozilla/5.0 (Linux; Android 9; AFTMM Build/PS7285) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile Safari/537.36",
        None, Some("AFTMM"), Some("Android 9")),
    ("Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
        None, Some("Safari 15"), None),
    ("curl/8.5.0",
        None, Some("curl 8"), None),
    ("Wget/1.20.3 (linux-gnu)",
        None, Some("Wget 1 on Linux"), Some("Linux")),
    ("python-requests/2.31.0",
        None, Some("Python Requests 2"), None),
    ("Go-http-client/1.1",
        None, Some("Go-http-client 1"), None),
    ("PostmanRuntime/7.36.0",
        None, Some("PostmanRuntime 7"), None),
    ("okhttp/4.12.0",
        None, Some("okhttp 4"), None),
    ("Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)",
        MOBILE, Some("Samsung SM-G991B"), Some("Android 13")),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        None, Some("Googlebot 2"), None),
    ("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        None, Some("Googlebot 2 on Android"), Some("Android 6")),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
        None, Some("HeadlessChrome 120 on Linux"), Some("Linux")),
    ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        None, Some("FacebookBot 1"), None),
    ("Gravity/214 CFNetwork/1494.0.7 Darwin/23.4.0",
        MOBILE, Some("Gravity 214 on iOS"), Some("iOS")),
    ("Gravity/214 CFNetwork/1240.0.4.5 Darwin/20.6.0 (x86_64)",
        DESKTOP, Some("Gravity 214 on macOS"), Some("macOS")),
    ("Gravity/2.1 (iPhone; iOS 17.4; Scale/3.00)",
        MOBILE, Some("iPhone"), Some("iOS 17.4")),
    ("Gravity/2.1 (com.example.gravity; build:1; iOS 17.4.0) Alamofire/5.8.1",
        MOBILE, Some("Gravity 2 on iOS"), Some("iOS 17.4")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.36.140 Chrome/120.0.6099.56 Electron/28.0.0 Safari/537.36",
        DESKTOP, Some("Slack 4 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack_SSB/4.29.149 Chrome/104.0 Electron/20.1.1 Safari/537.36",
        DESKTOP, Some("Slack Desktop Client 4 on macOS"), Some("macOS")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/1.6.00.35956 Chrome/108.0.5359.215 Electron/22.3.27 Safari/537.36",
        DESKTOP, Some("Teams 1 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.86.0 Chrome/118.0.5993.159 Electron/27.2.3 Safari/537.36",
        DESKTOP, Some("Code 1 on Linux"), Some("Linux")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Thunderbird/115.6.0",
        DESKTOP, Some("Thunderbird 115 on Windows"), Some("Windows 10")),
    ("Gravity/1.0 (Windows NT 10.0)",
        DESKTOP, Some("Gravity 1 on Windows"), Some("Windows 10")),
    ("Gravity Desktop/3.2 (Macintosh; Intel Mac OS X 14_2)",
        DESKTOP, Some("Gravity Desktop 3 on macOS"), Some("macOS 14")),
    ("Gravity/1.0 (X11; Linux x86_64)",
        DESKTOP, Some("Gravity 1 on Linux"), Some("Linux")),
    ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 650) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063",
        MOBILE, Some("Edge Mobile 15 on Windows Phone"), Some("Windows Phone 10.0")),
    ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
        MOBILE, Some("Firefox Mobile 48 on KaiOS"), Some("KaiOS 2.5")),
    ("Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10 Version/12.16",
        WEB, Some("Opera 12 on Windows"), Some("Windows 7")),
    ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25 Version/10.54",
        MOBILE, Some("Opera Mini 9 on Symbian OS"), Some("Symbian OS")),
    ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; Tablet PC 2.0)",
        WEB, Some("IE 8 on Windows"), Some("Windows 7")),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0 Safari/537.36 Edge/18.19041",
        None, Some("Edge 18 on Windows"), Some("Windows 10")),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Brave/120",
        WEB, Some("Chrome 120 on macOS"), Some("macOS")),
    ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)",
        DESKTOP, Some("Outlook 2016 on Windows"), Some("Windows 10")),
    ("x", None, None, None),
    ("Mozilla/5.0", None, None, None),
    ("////", None, None, None),
    ("(((((", None, None, None),
    ("🦀", None, None, None),
    ("Gravity", None, None, None),
];

fn detect(text: &str) -> Device {
    UserAgentDevices::told(&UserAgent::stored(text.to_owned()))
}

#[test]
fn user_agents_of_our_time_are_told() {
    for (text, kind, name, os) in SAMPLES {
        let device = detect(text);
        assert_eq!(device.kind, *kind, "{text}");
        let found = device.name.as_ref().map(DeviceName::as_str);
        assert_eq!(found, *name, "{text}");
        assert_eq!(device.os.as_ref().map(OsName::as_str), *os, "{text}");
    }
}

#[test]
fn nothing_tells_nothing() {
    assert_eq!(detect(""), Device::default());
}

#[test]
fn hostile_texts_are_told_alike_and_soon() {
    detect("compiles the rules");
    for part in [
        "a",
        " ",
        ";",
        "(",
        "Android;",
        "Android 1;",
        "Mozilla/5.0 (",
        "Chrome/1",
        "like Gecko) ",
        "iPhone OS 1_",
        "Windows NT ",
        "0.",
        "\u{fffd}",
        "\u{130}",
    ] {
        let text: String = part.chars().cycle().take(UserAgent::MAX).collect();
        let start = Instant::now();
        assert_eq!(detect(&text), detect(&text));
        assert!(start.elapsed() < Duration::from_secs(5), "{part}");
    }
}

#[test]
fn a_long_name_is_cut() {
    let device = detect(&format!("{}/1 (Windows NT 10.0)", "x".repeat(500)));
    assert_eq!(device.kind, DESKTOP);
    let name = device.name.map(|name| name.as_str().len());
    assert_eq!(name, Some(100));
}
