package org.barewire.bench.peers;

import java.util.List;
import java.util.stream.Stream;

/// One role that Barewire and DPDK take in turn, opposite the same peer.
///
/// @param name      for people, and for the pattern that chooses
/// @param sends     whether the role sends and the peer receives, or the other way
/// @param listens   whether the peer finds the role's socket, and so starts after it
/// @param barewire  name of Barewire's device
/// @param dpdk      `--vdev` of testpmd in the same role
/// @param peer      `--vdev` of the peer, which is testpmd
/// @param onVeth    whether the two are at the ends of a pair of veth interfaces
record Comparison(
        String name, boolean sends, boolean listens, String barewire, String dpdk, String peer, boolean onVeth) {
    /// All that issue and documentation speak of.
    ///
    /// @param folder where sockets are made
    static List<Comparison> all(String folder) {
        String socket = folder + "/socket";
        return Stream.of(virtioUser(socket), vhostUser(socket), memif(socket), afxdp())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Comparison> virtioUser(String socket) {
        String split = "virtio-user:%s?ring=split&size=256".formatted(socket);
        String packed = "virtio-user:%s?ring=packed&size=256&inorder=yes".formatted(socket);
        String dpdkSplit = "net_virtio_user0,queue_size=256,path=" + socket;
        String dpdkPacked = dpdkSplit + ",packed_vq=1,mrg_rxbuf=0,in_order=1";
        String peer = "net_vhost0,client=0,iface=" + socket;
        return List.of(
                new Comparison("virtio-user split sends", true, false, split, dpdkSplit, peer, false),
                new Comparison("virtio-user packed sends", true, false, packed, dpdkPacked, peer, false),
                new Comparison("virtio-user split receives", false, false, split, dpdkSplit, peer, false),
                new Comparison("virtio-user packed receives", false, false, packed, dpdkPacked, peer, false));
    }

    private static List<Comparison> vhostUser(String socket) {
        String ours = "vhost-user:" + socket;
        String dpdk = "net_vhost0,client=0,iface=" + socket;
        String split = "net_virtio_user0,queue_size=256,path=" + socket;
        String packed = split + ",packed_vq=1,mrg_rxbuf=0,in_order=1";
        return List.of(
                new Comparison("vhost-user split sends", true, true, ours, dpdk, split, false),
                new Comparison("vhost-user packed sends", true, true, ours, dpdk, packed, false),
                new Comparison("vhost-user split receives", false, true, ours, dpdk, split, false),
                new Comparison("vhost-user packed receives", false, true, ours, dpdk, packed, false));
    }

    private static List<Comparison> memif(String socket) {
        String client = "memif:%s?role=client".formatted(socket);
        String server = "memif:%s?role=server".formatted(socket);
        String vdev = "net_memif0,socket-abstract=no,socket=%s,role=".formatted(socket);
        String zeroCopy = "&zero-copy=yes";
        String dpdkZeroCopy = "client,zero-copy=yes";
        return List.of(
                new Comparison("memif client sends", true, false, client, vdev + "client", vdev + "server", false),
                new Comparison(
                        "memif client zero-copy sends",
                        true,
                        false,
                        client + zeroCopy,
                        vdev + dpdkZeroCopy,
                        vdev + "server",
                        false),
                new Comparison("memif client receives", false, false, client, vdev + "client", vdev + "server", false),
                new Comparison("memif server sends", true, true, server, vdev + "server", vdev + "client", false),
                new Comparison("memif server receives", false, true, server, vdev + "server", vdev + "client", false));
    }

    private static List<Comparison> afxdp() {
        String ours = "afxdp:port0?rxd=2048&txd=2048&netns=" + VethPair.LEFT; // as testpmd has them
        String dpdk = "net_af_xdp0,iface=port0";
        String peer = "net_af_xdp0,iface=port1";
        return List.of(
                new Comparison("afxdp veth sends", true, false, ours, dpdk, peer, true),
                new Comparison("afxdp veth receives", false, false, ours, dpdk, peer, true));
    }
}
