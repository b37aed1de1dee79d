package dev.gvmi.node.trial;

import dev.gvmi.node.advice.ContainerConfig;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What runs in the VM: the first process, which makes the file system as the Golem runtime does,
 * and the step into the image. Both are text for busybox's shell; every word that comes from an
 * image or a user is quoted.
 *
 * <p><b>Source:</b> ya-runtime-vm, init-container/src/init.c (0.4.2 for the overlay).
 */
final class GuestScripts {
  static final String OUT_PORT = "gvmi.out";
  static final String ERR_PORT = "gvmi.err";
  static final String RESULT_PORT = "gvmi.result";

  private static final Pattern NUMERIC = Pattern.compile("([0-9]+):([0-9]+)");

  /** What the console hears as soon as the machine runs. */
  static final String UP = "gvmi: the machine is up";

  private static final String INIT =
      """
      #!/bin/busybox sh
      b=/bin/busybox
      $b mount -t proc proc /proc
      $b mount -t sysfs sys /sys
      $b mount -t devtmpfs dev /dev
      echo "@UP@" >/dev/console
      # in which order modules need each other, nobody says: those that do not load yet are tried again
      for round in 1 2 3 4 5 6 7 8; do
        for module in /modules/*; do
          [ -f "$module" ] && $b insmod "$module" 2>/dev/null && $b rm -f "$module"
        done
      done
      port() {
        for try in $($b seq 1 100); do
          for p in /sys/class/virtio-ports/*; do
            [ -f "$p/name" ] && [ "$($b cat "$p/name")" = "$1" ] && [ -c "/dev/${p##*/}" ] && echo "/dev/${p##*/}" && return
          done
          $b sleep 0.1
        done
      }
      r=$(port gvmi.result)
      [ -n "$r" ] || { echo "gvmi: no virtio console"; $b poweroff -f; }
      exec 5>"$r" 6>"$(port gvmi.out)" 7>"$(port gvmi.err)"
      fail() { echo "fail $1" >&5; $b poweroff -f; $b sleep 60; }
      for try in $($b seq 1 100); do
        [ -b /dev/vda ] && break
        $b sleep 0.1
      done
      $b mount -t squashfs -o ro,nodev /dev/vda /lower 2>/tmp/why || fail "the squashfs cannot be mounted: $($b cat /tmp/why | $b head -n 1); $($b dmesg | $b grep -i squashfs | $b tail -n 1)"
      $b mount -t tmpfs -o size=@OVERLAY@m,mode=0700 tmpfs /upper || fail "no overlay"
      $b mkdir -m 0755 /upper/upper /upper/work
      $b mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work overlay /new || fail "the overlay cannot be mounted"
      for d in proc sys dev tmp; do $b mkdir -p "/new/$d"; done
      $b mount -t proc proc /new/proc
      $b mount -t sysfs sys /new/sys
      $b mount -t devtmpfs dev /new/dev
      $b mount -t tmpfs -o mode=0777 tmpfs /new/tmp
      $b mkdir -p /new/dev/shm /new/dev/pts /new/dev/.gvmi
      $b mount -t tmpfs tmpfs /new/dev/shm
      $b mount -t devpts devpts /new/dev/pts 2>/dev/null
      @VOLUMES@$b mount -t tmpfs -o mode=0755 tmpfs /new/dev/.gvmi
      $b cp /bin/busybox /run.sh /new/dev/.gvmi/
      $b ifconfig lo up 2>/dev/null
      $b chroot /new /dev/.gvmi/busybox sh /dev/.gvmi/run.sh </dev/null >&6 2>&7
      echo "exit $?" >&5
      $b poweroff -f
      $b sleep 60
      """;

  private GuestScripts() {}

  static String init(ContainerConfig config, int overlayMebibytes) {
    StringBuilder volumes = new StringBuilder();
    for (String volume : config.volumes()) {
      String folder = quoted("/new/" + volume);
      String why = quoted("the volume " + volume + " cannot be mounted");
      volumes.append("$b mkdir -p ").append(folder);
      volumes.append(" && $b mount -t tmpfs -o mode=0755 tmpfs ").append(folder);
      volumes.append(" || fail ").append(why).append('\n');
    }
    return INIT.replace("@UP@", UP)
        .replace("@OVERLAY@", Integer.toString(overlayMebibytes))
        .replace("@VOLUMES@", volumes.toString());
  }

  static String run(ContainerConfig config, List<String> command) {
    StringBuilder script = new StringBuilder();
    String folder = config.workingDir().isBlank() ? "/" : config.workingDir();
    String why = quoted("the working directory " + folder + " is not in the image");
    script.append("cd ").append(quoted(folder)).append(" 2>/dev/null || { echo ").append(why);
    script.append(" >&2; exit 126; }\nexec /dev/.gvmi/busybox ");
    var user = NUMERIC.matcher(config.user());
    if (user.matches()) {
      script.append("start-stop-daemon -S -n gvmi-none -a /dev/.gvmi/busybox -c ");
      script.append(config.user()).append(" -- ");
    }
    script.append("env -i");
    for (String variable : config.env()) {
      if (variable.indexOf('=') > 0) {
        script.append(' ').append(quoted(variable));
      }
    }
    for (String word : command) {
      script.append(' ').append(quoted(word));
    }
    return script.append('\n').toString();
  }

  /** As one word of a shell, whatever is in it. */
  static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
