-- Lists of the few, whichever of both they are.
CREATE INDEX user_profiles_is_active_idx ON user_profiles (is_active, created_at, id);
CREATE INDEX user_profiles_is_verified_idx ON user_profiles (is_verified, created_at, id);
