DROP INDEX user_sessions_address_idx;
