package dev.gvmi.node.runtime.rewrite;

/**
 * The text of the wrapper that the runtime's descriptor leads to in the place of the exe-unit.
 *
 * <p>It becomes the exe-unit (exec: the same process, which the provider watches and ends) in well
 * under a second whatever happens, since the provider is asked for an activity with a limit of 5 s:
 * all that can take time is the wait for an answer, of at most 9 naps, and 0.7 s by the clock of
 * the machine (naps take longer on a busy one). Where sleep(1) knows no fractions, it looks 60
 * times and goes on. Only an activity's start ({@code service-bus}) with one agreement asks at all;
 * and only while a node says, by a file, that it answers. Names of variables begin with {@code
 * gvmi_p2p_}: a variable that the environment has would be changed for the exe-unit too.
 *
 * <p>How the agreement is found: options as the exe-unit's parser (clap 2) takes them, {@code -a
 * F}, {@code -aF}, {@code -a=F}, {@code --agreement F}, {@code --agreement=F}; an option's value is
 * never taken for an option.
 *
 * <p><b>Shape</b> of the exchange, in the hook's folder: {@code ready} exists; {@code ID.request}
 * holds the agreement's path; it vanishes when it is answered, and {@code ID.json} is then the
 * copy, if there is one. {@code ID} is of digits and hyphens.
 *
 * <p><b>Source:</b> yagna v0.17.6, agent/provider/src/execution/registry.rs (the command line),
 * exe-unit/src/lib.rs (options).
 */
public final class WrapperScript {
  private static final String TEXT =
      """
      #!/bin/sh
      # Written by 'gvmi-p2p runtime install'; 'gvmi-p2p runtime uninstall' takes it away.
      # Starts the exe-unit of the Golem provider. Before that, a gvmi-p2p node on this machine is asked for a
      # copy of the agreement whose image comes through the node. No answer in time: everything is as without it.
      gvmi_p2p_unit=@UNIT@
      gvmi_p2p_hook=@HOOK@
      gvmi_p2p_agreement=
      gvmi_p2p_form=
      gvmi_p2p_at=0
      gvmi_p2p_seen=0
      gvmi_p2p_command=
      gvmi_p2p_expect=
      gvmi_p2p_i=0
      gvmi_p2p_from=

      # hundredths of a second since the machine started, without starting a program; empty where nobody says
      gvmi_p2p_now() {
        gvmi_p2p_time=
        { read -r gvmi_p2p_time gvmi_p2p_rest </proc/uptime; } 2>/dev/null || gvmi_p2p_time=
        case $gvmi_p2p_time in
          [1-9]*.[0-9][0-9]) gvmi_p2p_time=${gvmi_p2p_time%.*}${gvmi_p2p_time#*.} ;;
          *) gvmi_p2p_time= ;;
        esac
      }

      # whether what is left of the time is worth a nap; where time is not known the naps are counted only
      gvmi_p2p_waits() {
        [ -e "$gvmi_p2p_ask" ] || return 1
        gvmi_p2p_now
        [ -z "$gvmi_p2p_time" ] || [ -z "$gvmi_p2p_from" ] || [ $((gvmi_p2p_time - gvmi_p2p_from)) -lt 62 ]
      }

      # one more argument with an agreement: its place, what stands before the file in it, the file
      gvmi_p2p_found() {
        gvmi_p2p_seen=$((gvmi_p2p_seen + 1))
        gvmi_p2p_at=$gvmi_p2p_i
        gvmi_p2p_form=$1
        gvmi_p2p_agreement=$2
      }

      if [ -e "$gvmi_p2p_hook/ready" ]; then
        gvmi_p2p_now
        gvmi_p2p_from=$gvmi_p2p_time
        for gvmi_p2p_arg in "$@"; do
          gvmi_p2p_i=$((gvmi_p2p_i + 1))
          if [ -n "$gvmi_p2p_expect" ]; then
            if [ "$gvmi_p2p_expect" = agreement ]; then gvmi_p2p_found '' "$gvmi_p2p_arg"; fi
            gvmi_p2p_expect=
            continue
          fi
          case $gvmi_p2p_arg in
            --) break ;;
            -b | -r | --binary | --runtime-arg | --sec-key | --requestor-pub-key) gvmi_p2p_expect=value ;;
            -c | -w | --cache-dir | --work-dir) gvmi_p2p_expect=value ;;
            -a | --agreement) gvmi_p2p_expect=agreement ;;
            --agreement=*) gvmi_p2p_found '--agreement=' "${gvmi_p2p_arg#--agreement=}" ;;
            -a=*) gvmi_p2p_found '-a=' "${gvmi_p2p_arg#-a=}" ;;
            -a*) gvmi_p2p_found '-a' "${gvmi_p2p_arg#-a}" ;;
            -h | --help | -V | --version) gvmi_p2p_command=none; break ;;
            -*) ;;
            *) [ -n "$gvmi_p2p_command" ] || gvmi_p2p_command=$gvmi_p2p_arg ;;
          esac
        done
      fi

      if [ "$gvmi_p2p_command" = service-bus ] && [ "$gvmi_p2p_seen" = 1 ] && [ -f "$gvmi_p2p_agreement" ]; then
        case $gvmi_p2p_agreement in
          /*) gvmi_p2p_path=$gvmi_p2p_agreement ;;
          *) gvmi_p2p_path=$PWD/$gvmi_p2p_agreement ;;
        esac
        gvmi_p2p_id=$$-${gvmi_p2p_from:-$(date +%s 2>/dev/null </dev/null)}
        gvmi_p2p_ask=$gvmi_p2p_hook/$gvmi_p2p_id.request
        gvmi_p2p_copy=$gvmi_p2p_hook/$gvmi_p2p_id.json
        if { printf '%s' "$gvmi_p2p_path" >"$gvmi_p2p_ask.new" &&
          mv -f "$gvmi_p2p_ask.new" "$gvmi_p2p_ask"; } </dev/null >/dev/null 2>&1; then
          gvmi_p2p_blind=0
          for gvmi_p2p_nap in 0.05 0.05 0.05 0.05 0.1 0.1 0.1 0.1 0.1; do
            gvmi_p2p_waits || break
            while ! sleep "$gvmi_p2p_nap" </dev/null >/dev/null 2>&1; do
              gvmi_p2p_blind=$((gvmi_p2p_blind + 1))
              gvmi_p2p_waits && [ "$gvmi_p2p_blind" -lt 60 ] || break
            done
          done
          if [ -e "$gvmi_p2p_ask" ]; then
            rm -f "$gvmi_p2p_ask" </dev/null >/dev/null 2>&1
          elif [ -s "$gvmi_p2p_copy" ]; then
            gvmi_p2p_n=$#
            gvmi_p2p_i=0
            while [ "$gvmi_p2p_i" -lt "$gvmi_p2p_n" ]; do
              gvmi_p2p_i=$((gvmi_p2p_i + 1))
              gvmi_p2p_arg=$1
              shift
              [ "$gvmi_p2p_i" != "$gvmi_p2p_at" ] || gvmi_p2p_arg=$gvmi_p2p_form$gvmi_p2p_copy
              set -- "$@" "$gvmi_p2p_arg"
            done
          fi
        fi
      fi

      exec "$gvmi_p2p_unit" "$@"
      """;

  private WrapperScript() {}

  /**
   * The script.
   *
   * @param unit path of the exe-unit
   * @param hook path of the folder in which a node is asked
   */
  public static String text(String unit, String hook) {
    // The second one first: what is put in is not looked at again.
    int at = TEXT.indexOf("@HOOK@");
    String head = TEXT.substring(0, at).replace("@UNIT@", quoted(unit));
    return head + quoted(hook) + TEXT.substring(at + "@HOOK@".length());
  }

  /** For a shell: nothing is special between single quotes but themselves. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
