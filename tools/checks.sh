# ./dev test, lint, conformance, bench, fuzz, shots.

JOBS=$(nproc)

# -- lints -------------------------------------------------------------------------------------------------------------------

dev_lint() {
    [ $# -eq 0 ] || usage_error lint "$1"
    say_title "sosie lint"
    local path name out bad=0
    for path in "$ROOT"/tests/lint/*.sh; do
        name=$(basename "$path" .sh)
        [ "$name" != files ] || continue
        if out=$(bash "$path" 2>&1); then
            say_done "$name" "$(printf '%s\n' "$out" | tail -n 1)"
        else
            say_bad "$name" "$(printf '%s\n' "$out" | tail -n 1)"
            printf '%s\n' "$out" | sed '$d; s/^/      /'
            bad=1
        fi
    done
    return $bad
}

dev_conformance() {
    [ $# -eq 0 ] || usage_error conformance "$1"
    bash "$ROOT/tools/conformance.sh" || die "docs/conformance.md was not written"
    say_done conformance "docs/conformance.md"
}

# -- tests -------------------------------------------------------------------------------------------------------------------

# A build and its tests. The tests' own output is shown when they fail; ctest's lines always.
TEST_FAILURES=
test_in() { # NAME FOLDER CTEST-ARGUMENTS CMAKE-ARGUMENT...
    local name=$1 folder=$2 select=$3
    shift 3
    if ! try_step build "$name, in $folder/" "$ROOT/$folder/build.log" build_in "$folder" -DSOSIE_FAULT_HOOKS=ON "$@"; then
        grep -E -A 3 'error|FAILED' "$ROOT/$folder/build.log" | head -n 60
        TEST_FAILURES="$TEST_FAILURES, $name (build)"
        return
    fi
    # shellcheck disable=SC2086
    ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1 \
        UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=second_deadlock_stack=1 \
        ctest --test-dir "$ROOT/$folder" --output-on-failure --timeout 900 -j "$JOBS" $select ||
        TEST_FAILURES="$TEST_FAILURES, $name"
}

dev_test() {
    local all='' from=$SECONDS
    case ${1:-} in
    '') ;;
    --all) all=yes ;;
    *) usage_error test "$1" ;;
    esac
    say_title "sosie test"
    # shellcheck disable=SC2046
    packages_need up test $([ -z "$all" ] || echo all)
    if [ -n "$all" ]; then
        test_in "thread sanitizer" build-tsan "-L unit|scenario|property|e2e" -DSOSIE_SANITIZE=thread
        test_in "clang" build-clang "" -DCMAKE_C_COMPILER=clang
        test_in "address sanitizer" build-asan "-LE lint" -DSOSIE_SANITIZE=address
    else
        test_in "address sanitizer" build-asan "-L unit|scenario|property|fuzz" -DSOSIE_SANITIZE=address
    fi
    test_in "release" build-test "" -DCMAKE_BUILD_TYPE=Release
    if [ -n "$TEST_FAILURES" ]; then
        say_bad test "failed: ${TEST_FAILURES#, }; after $(took "$from")"
        return 1
    fi
}

# -- benchmarks --------------------------------------------------------------------------------------------------------------

dev_bench() {
    local names=() sets='' name program
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        if [ "$1" = --sets ]; then
            sets=$(realpath "${2:?--sets takes a directory}")
            shift
        else
            names+=("$1")
        fi
        shift
    done
    [ $# -eq 0 ] || shift
    [ ${#names[@]} -gt 0 ] || names=(feed search hl7 compare)
    for name in "${names[@]}"; do
        case " $(bench_names) " in
        *" $name "*) ;;
        *) die "there is no benchmark \"$name\"" "there are: $(bench_names)" ;;
        esac
    done
    say_title "sosie bench"
    LOGS=$ROOT/build/log
    server_paths ''
    packages_need up
    build_release
    say_note "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $JOBS cores, $(awk '/^MemTotal:/ { printf "%d GiB", $2 / 1048576 }' /proc/meminfo), commit $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)"
    for name in "${names[@]}"; do
        if [ "$name" = quality ] && [ -n "$sets" ]; then
            bash "$ROOT/benchmarks/sets.sh" "$ROOT/build/sosie" "$sets" || die "the development sets failed"
            continue
        fi
        if [ "$name" = quality ] && [ $# -eq 0 ]; then
            bench_populations || die "the benchmark quality failed"
            continue
        fi
        if [ "$name" = import ]; then
            bash "$ROOT/benchmarks/import.sh" "$ROOT/build/sosie" "$ROOT/build/sosie-fixtures" "$@" || die "the benchmark import failed"
            continue
        fi
        program=$ROOT/build/bench-$name
        [ -x "$program" ] || die "the build made no $program" "delete build/ and try again"
        echo
        say_title "$name"
        (cd "$ROOT" && "$program" "$@") || die "the benchmark $name failed"
    done
}

# Populations of our own, each held against its truth: records one after another, and as a file. Three qualities of writing, some
# seeds, and some of whose records little is known.
bench_populations() {
    local population quality seed sparse file good=0
    file=$(mktemp)
    for population in 'hospital 1' 'hospital 2' 'hospital 3' 'practice 1' 'practice 2' 'practice 3' 'hard 1' 'hospital 1 20' 'practice 1 20'; do
        read -r quality seed sparse <<<"$population"
        echo
        say_title "quality: $quality, 100,000 records, seed $seed${sparse:+, $sparse in 1,000 of names and year alone}"
        "$ROOT/build/sosie-fixtures" --csv "$file" --persons 64000 --seed "$seed" --quality "$quality" --sparse "${sparse:-0}" \
            >/dev/null && "$ROOT/build/bench-quality" "$file" || good=1
        printf '\nas a file, by sosie link'
        "$ROOT/build/bench-link" --alone --people 64000 --seed "$seed" --quality "$quality" --sparse "${sparse:-0}" || good=1
    done
    rm -f "$file"
    return $good
}

bench_names() { # those that can be asked for, before anything is built
    local path
    for path in "$ROOT"/benchmarks/*.c; do basename "$path" .c; done | tr '\n' ' '
    printf 'import'
}

# -- fuzzing -----------------------------------------------------------------------------------------------------------------

fuzz_one() { # PARSER SECONDS
    local corpus=$ROOT/tests/fuzz/corpus/$1 found=$ROOT/build-fuzz/corpus/$1 folders
    mkdir -p "$found" "$ROOT/build-fuzz/crashes"
    folders=$found
    [ ! -d "$corpus" ] || folders="$found $corpus"
    # shellcheck disable=SC2086
    ASAN_OPTIONS=detect_leaks=1 "$ROOT/build-fuzz/tests/fuzz_$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2560 \
        -artifact_prefix="$ROOT/build-fuzz/crashes/$1-" -print_final_stats=1 $folders
}

# "1234567 inputs, 890 edges": what libFuzzer came to
fuzz_summary() { # LOG
    local inputs edges
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1")
    edges=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$1" | tail -n 1)
    printf '%s inputs, %s edges' "${inputs:-0}" "${edges:-0}"
}

dev_fuzz() {
    local seconds=60 path name bad='' log
    [ $# -eq 0 ] || seconds=$(number_of SECONDS "$1") || exit 1
    say_title "sosie fuzz"
    LOGS=$ROOT/build-fuzz/log
    packages_need up all
    step build "fuzz targets by Clang, in build-fuzz/" "$LOGS/build.log" build_in build-fuzz -DCMAKE_C_COMPILER=clang -DSOSIE_FUZZ=ON
    for path in "$ROOT"/tests/fuzz/fuzz_*.c; do
        [ -e "$path" ] || die "there are no fuzz targets in tests/fuzz"
        name=$(basename "$path" .c)
        name=${name#fuzz_}
        log=$LOGS/$name.log
        if try_step "$name" "${seconds} s" "$log" fuzz_one "$name" "$seconds"; then
            say_note "$(fuzz_summary "$log")"
        else
            grep -E -m 3 'ERROR|SUMMARY|Test unit written' "$log"
            say_note "all of its output: $log"
            bad="$bad $name"
        fi
    done
    [ -z "$bad" ] || die "found something in:$bad" "the inputs are in build-fuzz/crashes; put them into tests/fuzz/corpus/NAME with the fix"
    say_done fuzz "nothing found"
}

# -- pictures ----------------------------------------------------------------------------------------------------------------

shots_take() { SOSIE_URL=$(http_url) node "$ROOT/tests/e2e/shots.mjs" "$VAR/shots"; }

dev_shots() {
    local var
    var=$(var_only shots "$@") || exit 1
    server_paths "$var"
    say_title "sosie shots"
    packages_need shots
    server_runs || die "the server does not run" "./dev up$VAR_FLAG starts it"
    npm_need
    step shots "queues, tasks, persons and messages, into $VAR_NAME/shots/" "$LOGS/shots.log" shots_take
    say_note "$(tail -n 1 "$LOGS/shots.log")"
}
