#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| user_service_fuzz::jwt_header(data));
