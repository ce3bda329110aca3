UPDATE "user_profiles" SET "bio" = :bio, "version" = "version" + 1, "updated_at" = :now WHERE "id" = :id
