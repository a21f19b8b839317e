# Outlives the process that started it, and puts its PCI cards right when that is gone. See docs/pci.md.
#
# Arguments: `memory FILE` for each file that devices may be writing to, then for each card its folder in sysfs, the
# driver_override that it has while it is taken, the one that it had before, and the file that binds it to the driver
# that it had before, or nothing.
#
# Standard input ends when the process is gone, however it went. A line on it says that another supervisor has taken
# over. Needs nothing but the shell.

trap '' HUP INT QUIT TERM # a terminal's Ctrl-C is for the process, which ends when it is ready to

is_taken() {
    override=
    read -r override <"$1/driver_override"
    [ "$override" = "$2" ]
}

stop_dma() { # of a card that no driver has; what has it stops it by itself
    [ -e "$1/driver" ] && return
    read -r enabled <"$1/enable"
    while [ "$enabled" -gt 0 ] && echo 0 >"$1/enable"; do
        read -r enabled <"$1/enable"
    done
}

give_back() {
    address=${1##*/}
    [ -e "$1/driver" ] && echo "$address" >"$1/driver/unbind"
    echo "$3" >"$1/driver_override"
    [ -z "$4" ] || echo "$address" >"$4"
}

for_each_card() {
    step=$1
    shift
    while [ $# -gt 0 ]; do
        is_taken "$1" "$2" && "$step" "$1" "$2" "$3" "$4"
        shift 4
    done
}

supervise() {
    if [ "$1" = memory ]; then
        file=$2
        shift 2
        supervise "$@" 9<"$file" # stays open until that returns, and with it the file's pages stay what they are
        return
    fi
    echo ready
    read -r line && return
    for_each_card stop_dma "$@"
    for_each_card give_back "$@"
}

supervise "$@"
