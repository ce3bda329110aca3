//! End-to-end tests of Gravity User Service.
//!
//! The tests drive the real program over HTTP and its command line, once for every database engine:
//! `tests/e2e/main.rs` holds the list. They need the program to be built with the engine's feature
//! and look for it at `USER_SERVICE_BIN`, else beside themselves in the target directory. Tests under
//! `postgres_redis` and `mysql_redis` need the feature `redis` besides, and start `redis-server` themselves.
