# Short names for the commands of everyday work; `just` lists them.

features := "--features user-service/full --locked"

# List the recipes
default:
    @just --list --unsorted

# Start the service as for development; or with options of `serve`, e.g. `just run --port 9000`
run *options="--dev":
    cargo run -p user-service --features full --locked -- serve {{ options }}

# Check formatting, lints and, where cargo-deny is installed, dependencies
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets {{ features }} -- -D warnings
    if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: dependencies are not checked"; fi

# Everything: checks and all tests on all three databases
test:
    tests/run

# All tests on all three databases, without checks and single-engine builds
quick:
    tests/run quick

# End-to-end tests of one engine (sqlite, postgres or mysql); the servers must run
e2e engine="sqlite":
    cargo build --workspace {{ features }}
    USER_SERVICE_BIN="${CARGO_TARGET_DIR:-{{ justfile_directory() }}/target}/debug/user-service" cargo test --workspace {{ features }} --test e2e -- {{ engine }}::

# Print the OpenAPI document
openapi:
    cargo run -q -p user-service --features full --locked -- openapi

# Migrate the configured database: up, down, status or plan
migrate *verb="up":
    cargo run -p user-service --features full --locked -- migrate {{ verb }}

# Format all code
fmt:
    cargo fmt --all

# Build the container image, with the cargo of this machine
image *tag:
    deploy/image/build {{ tag }}

# Build the package for Debian
deb:
    deploy/deb/build

# Write what the program is made of, as CycloneDX
sbom file="target/user-service.cdx.json":
    deploy/contents/sbom {{ file }}

# Write the licences of all that is linked into the program
licences file="target/THIRD-PARTY.txt":
    deploy/contents/licences > {{ file }}

# Prove image, manifests, package and lists; as root on Debian, takes long
prove-deployment *topics:
    tests/deploy/run {{ topics }}
