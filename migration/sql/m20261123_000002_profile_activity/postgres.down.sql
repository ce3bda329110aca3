DROP TABLE IF EXISTS user_profile_activity;
