#!/bin/sh
# Make the environment of the peers that are no part of hokan's dependencies: benchmarks/.venv-peers.
#
#     sh benchmarks/make_peers.sh
#
# torch comes first and is named again each time, so that no other build of it is taken.
set -eu
cd "$(dirname "$0")"
environment=.venv-peers
torch=torch==2.13.0

"${PYTHON:-python3}" -m venv "$environment"
install() { "$environment/bin/python" -m pip install --quiet "$@"; }
install "$torch"
install "$torch" "numpy<2.3" scipy gpytorch==1.15.2
# Nice to have; the benchmarks say which of them are missing.
for peer in matgpr==0.2.0 smt==2.15.0 gpar==0.3.2; do
    install "$torch" "$peer" || echo "not installed: $peer" >&2
done
