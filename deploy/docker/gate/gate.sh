#!/bin/sh
# gate.sh stand: lets through what the settings name, and nothing else, between the agent and everything.
# gate.sh check: says whether the rules are in and the agent finds the gate.
#
# The agent's only way out of its network is the address GATE_AGENT_ROUTE. No container has it until the
# rules are in: this script takes it afterwards, and gives its interface a hardware address that nobody
# knows yet. So there is no moment in which the agent could send anything that the rules do not see,
# whatever the order in which an engine starts the two, and also when the gate alone starts again.
set -eu

refuse() { echo "gate: $1 is '$2', which is no $3" >&2; exit 2; }

is_port() { case $1 in ''|*[!0-9]*) return 1 ;; esac; [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; }

is_address() {
  case $1 in *[!0-9.]*|.*|*.|*..*) return 1 ;; esac
  saved=$IFS; IFS=.; set -- $1; IFS=$saved
  [ $# -eq 4 ] || return 1
  for part; do [ "$part" -le 255 ] || return 1; done
}

# A random one of the range that everybody may use.
fresh_hardware_address() { sed -E 's/^(..)(..)(..)(..)-(..).*/02:\1:\2:\3:\4:\5/' /proc/sys/kernel/random/uuid; }

# The interface that has an address of ours.
interface_of() { ip -o -4 address show | awk -v address="$1" '{ split($4, own, "/"); if (own[1] == address) print $2 }'; }

check() {
  nft list chain ip gate passing | grep -q 'policy drop'
  [ -n "$(interface_of "$GATE_AGENT_ROUTE")" ]
}

# Where the agent may connect to, one "address . port" for each.
allowed() {
  printf '%s . %s' "$CONTROL_PLANE_ADDRESS" "$CONTROL_PLANE_PORT"
  for place in ${HOSPITAL_EGRESS:-}; do
    address=${place%:*} port=${place##*:}
    is_address "$address" && is_port "$port" || refuse HOSPITAL_EGRESS "$place" "address:port"
    printf ', %s . %s' "$address" "$port"
  done
}

rules() {
  cat <<NFT
flush ruleset
table ip gate {
  set allowed { type ipv4_addr . inet_service; elements = { $1 }; }
  chain arriving {
    type nat hook prerouting priority dstnat;
    iifname != "$inside" tcp dport { 8443, 11112 } dnat to $GATE_AGENT_ADDRESS
  }
  chain leaving {
    type nat hook postrouting priority srcnat;
    iifname "$inside" ip saddr $GATE_AGENT_ADDRESS masquerade
    # Callers on the host itself come from the engine's own address, whose packets the host would
    # translate once more on their way over the inner bridge.
    oifname "$inside" ip saddr $GATE_FRONT_ROUTE masquerade
  }
  chain passing {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname != "$inside" oifname "$inside" ip daddr $GATE_AGENT_ADDRESS tcp dport { 8443, 11112 } accept
    iifname "$inside" ip saddr $GATE_AGENT_ADDRESS ip daddr . tcp dport @allowed accept
    counter reject with icmp type admin-prohibited
  }
  # The gate itself answers nobody and calls nobody.
  chain incoming {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    iifname "$inside" reject with icmp type admin-prohibited
  }
  chain outgoing {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    icmp type destination-unreachable accept
  }
}
table ip6 gate {
  chain passing { type filter hook forward priority filter; policy drop; }
  chain incoming { type filter hook input priority filter; policy drop; }
  chain outgoing { type filter hook output priority filter; policy drop; }
}
NFT
}

stand() {
  for name in GATE_AGENT_ADDRESS GATE_AGENT_ROUTE GATE_INSIDE_ADDRESS GATE_FRONT_ROUTE CONTROL_PLANE_ADDRESS; do
    eval "value=\${$name:-}"
    is_address "$value" || refuse "$name" "$value" "IPv4 address"
  done
  CONTROL_PLANE_PORT=${CONTROL_PLANE_PORT:-7443}
  is_port "$CONTROL_PLANE_PORT" || refuse CONTROL_PLANE_PORT "$CONTROL_PLANE_PORT" port
  inside=$(interface_of "$GATE_INSIDE_ADDRESS")
  [ -n "$inside" ] || refuse GATE_INSIDE_ADDRESS "$GATE_INSIDE_ADDRESS" "address of this container"
  # On its own line: a refusal inside a substitution would not end the script otherwise.
  places=$(allowed)
  rules "$places" | nft -f -
  ip route replace default via "$GATE_FRONT_ROUTE"
  ip address add "$GATE_AGENT_ROUTE/32" dev "$inside"
  # The new hardware address is announced (net.ipv4.conf.all.arp_notify), so a running agent finds it at once.
  ip link set dev "$inside" address "$(fresh_hardware_address)"
  echo "gate: the agent may connect to $places"
  trap 'exit 0' TERM INT
  while :; do sleep 86400 & wait $!; done
}

case ${1:-} in
  stand|check) "$1" ;;
  *) echo "usage: gate.sh stand|check" >&2; exit 2 ;;
esac
