-- Sessions with an address by when they were made: what was last used long ago was made long ago. An index by when
-- they were last used would be written with every activity.
CREATE INDEX user_sessions_address_idx ON user_sessions (created_at, id) WHERE ip_address IS NOT NULL;
