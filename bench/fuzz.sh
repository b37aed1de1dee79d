#!/usr/bin/env bash
# Every Jazzer target for some minutes, one after the other; or those whose name contains one of the words.
#   bench/fuzz.sh [MINUTES] [WORD...]        bench/fuzz.sh 10 Manifest Yamux
# The corpus of a target stays in MODULE/target/fuzz and is gone on from; so does the input of a finding, which ends its
# target: as a file under src/test/resources/PACKAGE/CLASSInputs/METHOD it becomes a test. Exit code 1 after a finding.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-10}
shift || true
java=${JAVA_HOME:-$(find /usr/lib/jvm -maxdepth 1 -name '*25*' | head -n 1)}/bin/java
modules=(jlibp2p protocol node)

mvn -B -q -Dspotless.check.skip -pl "$(IFS=,; echo "${modules[*]}")" test-compile \
  dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/fuzz.classpath

chosen() {
  [ $# -eq 1 ] && return 0
  local target=$1 word
  shift
  for word in "$@"; do
    case $target in *"$word"*) return 0 ;; esac
  done
  return 1
}

findings=0
for module in "${modules[@]}"; do
  classpath=$module/target/test-classes:$module/target/classes:$(cat "$module/target/fuzz.classpath")
  while read -r class method; do
    chosen "$class.$method" "$@" || continue
    work=$module/target/fuzz/$class.$method
    mkdir -p "$work/corpus"
    seeds=$module/src/test/resources/$(echo "$class" | tr . /)Inputs/$method
    code=0
    "$java" -cp "$classpath" -Xmx1g --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
      -XX:+EnableDynamicAgentLoading com.code_intelligence.jazzer.Jazzer \
      --target_class="$class" --target_method="$method" --instrumentation_includes='dev.gvmi.**' \
      --reproducer_path="$work" -artifact_prefix="$work/" -max_total_time=$((minutes * 60)) -rss_limit_mb=3000 \
      "$work/corpus" $([ -d "$seeds" ] && echo "$seeds") > "$work/log" 2>&1 || code=$?
    inputs=$(grep -oE '^(Done|#)[0-9 ]*' "$work/log" | tail -n 1 | tr -dc 0-9)
    covered=$(grep -oE 'cov: [0-9]+' "$work/log" | tail -n 1)
    echo "$class.$method: ${inputs:-no} inputs, ${covered:-cov: 0}, $([ "$code" = 0 ] && echo "nothing found" || echo "FOUND, see $work/log")"
    [ "$code" = 0 ] || findings=1
  done < <(cd "$module/src/test/java" && grep -rA1 '@FuzzTest' --include='*.java' . |
    sed -nE 's#^\./(.*)\.java-[0-9-]* *void ([A-Za-z0-9]+)\(.*#\1 \2#p' | tr / . | sort)
done
exit "$findings"
