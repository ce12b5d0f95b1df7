#!/bin/sh
# The guest's first process: runs the tests named by the kernel's command line, leaves their
# result on the second serial port, and turns the machine off.
export PATH=/checkout/node_modules/node/bin:/bin HOME=/tmp NO_COLOR=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
stty -onlcr </dev/console
ip link set lo up
echo "Linux $(uname -r)"
cd /checkout
export UFFD_TEST_RESULTS=/tmp/results.json
# A terminal would be given colours.
node test/rings/mochaProcess.ts $TEST_FILES 2>&1 | cat
cat /tmp/results.json >/dev/ttyS1
poweroff -f
