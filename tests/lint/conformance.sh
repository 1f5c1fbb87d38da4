#!/bin/bash
# docs/conformance.md is what the tags of the tree make of it, and every transaction that it claims is shown by something.
. "$(dirname "$0")/files.sh"

bash tools/conformance.sh --check 2>&1 | report_findings "conformance page"
