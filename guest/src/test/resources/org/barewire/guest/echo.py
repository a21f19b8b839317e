"""Sends UDP frames of 60 to 1514 bytes in many flows through an interface, to a peer that sends each back as it is,
and compares. Prints how many came back unchanged and how many changed; without progress it gives up.

Arguments: the interface, the peer's address, how many frames, how many flows.
"""

import random
import select
import socket
import struct
import sys

WINDOW = 64
PATIENCE = 20  # seconds
ADDRESSES = socket.inet_aton("10.77.0.1") + socket.inet_aton("10.77.0.2")
PORT = 40_000
PAYLOAD = 42  # behind the headers


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def frame(number, flow):
    payload = struct.pack("!I", number) + random.randbytes(random.randint(60, 1514) - PAYLOAD - 4)
    udp = struct.pack("!HHHH", PORT + flow, 9, 8 + len(payload), 0) + payload
    ip = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ADDRESSES)
    ip[10:12] = struct.pack("!H", checksum(bytes(ip)))
    return ETHERNET + bytes(ip) + udp


interface, peer, count, flows = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SOURCE = bytes.fromhex("020000000ec0")  # of nobody else: a bridge takes it to be where the peer is
ETHERNET = bytes.fromhex(peer.replace(":", "")) + SOURCE + b"\x08\x00"
random.seed(1)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind((interface, 0))
under_way = {}
sent = unchanged = changed = 0
while unchanged + changed < count:
    while sent < count and len(under_way) < WINDOW:
        under_way[sent] = frame(sent, sent % flows)
        wire.send(under_way[sent])
        sent += 1
    if not select.select([wire], [], [], PATIENCE)[0]:
        break
    back, address = wire.recvfrom(2048)
    if address[2] == socket.PACKET_OUTGOING or len(back) < PAYLOAD + 4 or back[:14] != ETHERNET:
        continue
    if under_way.pop(struct.unpack_from("!I", back, PAYLOAD)[0], None) == back:
        unchanged += 1
    else:
        changed += 1
print(f"unchanged={unchanged} changed={changed}")
