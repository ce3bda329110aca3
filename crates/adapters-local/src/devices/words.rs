//! Words by which devices are told, in lower case.

/// Programs that read pages for nobody.
pub(super) const ROBOTS: [&str; 13] = [
    "+http",
    "bot ",
    "bot)",
    "bot-",
    "bot/",
    "bot;",
    "crawler",
    "externalhit",
    "headless",
    "lighthouse",
    "phantomjs",
    "slurp",
    "spider",
];

/// How libraries and tools begin that speak HTTP for scripts.
pub(super) const LIBRARIES: [&str; 18] = [
    "apache-httpclient",
    "axios/",
    "curl/",
    "dart/",
    "go-http-client",
    "guzzlehttp",
    "httpie/",
    "insomnia/",
    "java/",
    "libwww-perl",
    "node",
    "okhttp/",
    "postmanruntime/",
    "python",
    "reqwest/",
    "ruby",
    "undici",
    "wget/",
];

/// Television sets, and what stands beside them.
pub(super) const TELEVISIONS: [&str; 13] = [
    "; aft",
    "android tv",
    "appletv",
    "bravia",
    "crkey",
    "googletv",
    "nintendo",
    "playstation",
    "roku",
    "smart-tv",
    "smarttv",
    "web0s",
    "xbox",
];

/// Tablets that say so.
pub(super) const TABLETS: [&str; 8] = [
    " sm-t", " sm-x", "; kf", "ipad", "kindle", "playbook", "silk/", "tablet;",
];

/// Telephones that say so.
pub(super) const TELEPHONES: [&str; 8] = [
    "blackberry",
    "iphone",
    "ipod",
    "kaios",
    "mobile",
    "opera mini",
    "symbos",
    "windows phone",
];

/// Operating systems of computers, as the rules call them.
pub(super) const COMPUTERS: [&str; 14] = [
    "Arch Linux",
    "CentOS",
    "Chrome OS",
    "Debian",
    "Fedora",
    "FreeBSD",
    "Linux",
    "Mac OS X",
    "Mint",
    "NetBSD",
    "OpenBSD",
    "Red Hat",
    "Ubuntu",
    "Windows",
];

/// Programs for mail that look like browsers, as the rules call them.
pub(super) const MAIL: [&str; 4] = ["Apple Mail", "Outlook", "Thunderbird", "Windows Live Mail"];
