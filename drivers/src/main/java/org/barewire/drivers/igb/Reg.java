package org.barewire.drivers.igb;

// A register map is a table: spotless:off

/// Registers of the 82576 (datasheet revision 2.7, chapter 8), in its order, with the bits that the driver
/// uses. Those that 82574 (datasheet revision 3.4, chapter 10) and 8254x (manual revision 4.0, chapter 13)
/// have are at the same places; what only one of them has is marked so. Per-queue registers take the queue's
/// number.
final class Reg {
    // 8.2 General
    static final int CTRL = 0x00000;
    static final int CTRL_MASTER_DISABLE = 1 << 2; // not 8254x
    static final int CTRL_SLU = 1 << 6;
    static final int CTRL_FORCE_SPEED = 1 << 11;
    static final int CTRL_FORCE_DUPLEX = 1 << 12;
    static final int CTRL_RST = 1 << 26;
    static final int CTRL_RFCE = 1 << 27;
    static final int CTRL_TFCE = 1 << 28;
    static final int CTRL_VME = 1 << 30;
    static final int STATUS = 0x00008;
    static final int STATUS_LU = 1 << 1;
    static final int STATUS_LAN_ID = 3 << 2;
    static final int STATUS_LAN_ID_SHIFT = 2;
    static final int STATUS_SPEED = 3 << 6;
    static final int STATUS_SPEED_10 = 0;
    static final int STATUS_SPEED_100 = 1 << 6;
    static final int STATUS_MASTER_ENABLED = 1 << 19; // not 8254x
    static final int CTRL_EXT = 0x00018;
    static final int CTRL_EXT_DRV_LOAD = 1 << 28;
    static final int CTRL_EXT_PBA_CLEAR = 1 << 31; // 82574
    static final int MDIC = 0x00020;
    static final int MDIC_REGISTER_SHIFT = 16;
    static final int MDIC_PHY_1 = 1 << 21;
    static final int MDIC_WRITE = 1 << 26;
    static final int MDIC_READ = 2 << 26;
    static final int MDIC_READY = 1 << 28;
    static final int MDIC_ERROR = 1 << 30;
    static final int VET = 0x00038;
    static final int LEDCTL = 0x00E00;

    // 8.4 EEPROM and flash
    static final int EEC = 0x00010;
    static final int EEC_AUTO_RD = 1 << 9; // not 8254x
    static final int EEC_FLASH_DETECTED = 1 << 19; // i210
    static final int EERD = 0x00014;
    static final int EERD_START = 1;
    static final int EERD_DONE = 1 << 1;
    static final int EERD_ADDRESS_SHIFT = 2;
    static final int EERD_DONE_8254X = 1 << 4;
    static final int EERD_ADDRESS_SHIFT_8254X = 8;
    static final int EERD_DATA_SHIFT = 16;

    // 8.5 Flow control
    static final int FCTTV = 0x00170;
    static final int FCRTL = 0x02160;
    static final int FCRTH = 0x02168;

    // 8.7 Semaphores
    static final int EXTCNF_CTRL = 0x00F00; // 82574
    static final int EXTCNF_CTRL_SW_OWNS = 1 << 5;
    static final int SWSM = 0x05B50;
    static final int SWSM_SMBI = 1;
    static final int SWSM_SWESMBI = 1 << 1;
    static final int SW_FW_SYNC = 0x05B5C;
    static final int SW_FW_SYNC_EEP = 1;
    static int swFwSyncPhy(int lan) { return lan < 2 ? 1 << 1 + lan : 1 << 3 + lan; } // i350 has four
    static final int SW_FW_SYNC_FIRMWARE_SHIFT = 16;

    // 8.8 Interrupts
    static final int ICR = 0x000C0;
    static final int ICR_LSC = 1 << 2;
    static final int ICR_RXT0 = 1 << 7;
    static final int ICR_RXQ0 = 1 << 20; // 82574
    static final int ICR_OTHER = 1 << 24; // 82574
    static final int ITR = 0x000C4; // before 82576
    static final int IMS = 0x000D0;
    static final int IMC = 0x000D8;
    static final int EIAC_82574 = 0x000DC;
    static final int IVAR_82574 = 0x000E4;
    static final int IVAR_82574_OTHER_SHIFT = 16;
    static int eitr82574(int i) { return 0x000E8 + 4 * i; }
    static final int GPIE = 0x01514; // from 82576 on, as are all that follow
    static final int GPIE_NSICR = 1;
    static final int GPIE_MSIX_MODE = 1 << 4;
    static final int GPIE_EIAME = 1 << 30;
    static final int GPIE_PBA = 1 << 31;
    static final int EIMS = 0x01524;
    static final int EIMC = 0x01528;
    static final int EIAC = 0x0152C;
    static final int EIAM = 0x01530;
    static int eitr(int i) { return 0x01680 + 4 * i; }
    static final int EITR_INTERVAL_SHIFT = 2; // in µs
    static int ivar(int i) { return 0x01700 + 4 * i; }
    static final int IVAR_MISC = 0x01740;
    static final int IVAR_OTHER_SHIFT = 8;

    // 8.10 Receive
    static final int RCTL = 0x00100;
    static final int RCTL_EN = 1 << 1;
    static final int RCTL_UPE = 1 << 3;
    static final int RCTL_MPE = 1 << 4;
    static final int RCTL_LPE = 1 << 5;
    static final int RCTL_BAM = 1 << 15;
    static final int RCTL_SECRC = 1 << 26;
    static int rdbal(int q) { return receive(q); }
    static int rdbah(int q) { return receive(q) + 0x04; }
    static int rdlen(int q) { return receive(q) + 0x08; }
    static int srrctl(int q) { return receive(q) + 0x0C; } // from 82576 on
    static final int SRRCTL_DESCTYPE_ADVANCED = 1 << 25;
    static final int SRRCTL_DROP_EN = 1 << 31;
    static int rdh(int q) { return receive(q) + 0x10; }
    static int rdt(int q) { return receive(q) + 0x18; }
    static final int RDTR = 0x02820; // before 82576
    static int rxdctl(int q) { return receive(q) + 0x28; }
    static final int RXDCTL_ENABLE = 1 << 25; // from 82576 on
    static final int RXCSUM = 0x05000;
    static final int RXCSUM_IPOFLD = 1 << 8;
    static final int RXCSUM_TUOFLD = 1 << 9;
    static final int RXCSUM_CRCOFL = 1 << 11; // SCTP; from 82576 on
    static final int RXCSUM_PCSD = 1 << 13; // not 8254x
    static final int RLPML = 0x05004; // from 82576 on
    static final int RFCTL = 0x05008; // not 8254x
    static final int RFCTL_EXSTEN = 1 << 15; // 82574

    // 8.11 Filters
    static int mta(int i) { return 0x05200 + 4 * i; }
    static final int MTA_ENTRIES = 128;
    static int ral(int i) { return i < 16 ? 0x05400 + 8 * i : 0x054E0 + 8 * (i - 16); }
    static int rah(int i) { return ral(i) + 4; }
    static final int RAH_AV = 1 << 31;
    static int vfta(int i) { return 0x05600 + 4 * i; }
    static int uta(int i) { return 0x0A000 + 4 * i; } // from 82576 on
    static final int MRQC = 0x05818; // not 8254x
    static final int MRQC_RSS_82574 = 1;
    static final int MRQC_RSS = 2;
    static final int MRQC_TCP_IPV4 = 1 << 16;
    static final int MRQC_IPV4 = 1 << 17;
    static final int MRQC_IPV6 = 1 << 20;
    static final int MRQC_TCP_IPV6_82574 = 1 << 18;
    static final int MRQC_TCP_IPV6 = 1 << 18 | 1 << 21; // with the extensions of mobile IPv6, and without
    static final int MRQC_UDP_IPV4 = 1 << 22; // from 82576 on
    static final int MRQC_UDP_IPV6 = 1 << 23; // from 82576 on
    static int reta(int i) { return 0x05C00 + 4 * i; }
    static int rssrk(int i) { return 0x05C80 + 4 * i; }
    static final int MANC = 0x05820;
    static final int MANC_ARP_EN = 1 << 13; // 8254x

    // 8.12 Transmit
    static final int TCTL = 0x00400;
    static final int TCTL_EN = 1 << 1;
    static final int TCTL_PSP = 1 << 3;
    static final int TCTL_CT = 0xF << 4;
    static final int TCTL_CT_MASK = 0xFF << 4;
    static final int TCTL_COLD = 0x3F << 12; // before 82576
    static final int TCTL_COLD_MASK = 0x3FF << 12;
    static final int TCTL_RTLC = 1 << 24;
    static final int TIPG = 0x00410;
    static final int TIPG_COPPER = 8 | 8 << 10 | 6 << 20; // 8254x: 10 in place of the first 8
    static int tdbal(int q) { return transmit(q); }
    static int tdbah(int q) { return transmit(q) + 0x04; }
    static int tdlen(int q) { return transmit(q) + 0x08; }
    static int tdh(int q) { return transmit(q) + 0x10; }
    static int tdt(int q) { return transmit(q) + 0x18; }
    static int txdctl(int q) { return transmit(q) + 0x28; }
    static final int TXDCTL_HTHRESH_SHIFT = 8;
    static final int TXDCTL_BIT_22 = 1 << 22; // 82574: must be set
    static final int TXDCTL_GRAN = 1 << 24; // before 82576: thresholds count descriptors
    static final int TXDCTL_ENABLE = 1 << 25; // from 82576 on

    // 8.14 Virtualization
    static int vmolr(int pool) { return 0x05AD0 + 4 * pool; } // 82576 and i350
    static final int VMOLR_LPE = 1 << 16;
    static final int VMOLR_RLPML = 0x3FFF;
    static final int POOLS = 8;

    // 8.19 Statistics: cleared by reading
    static final int CRCERRS = 0x04000;
    static final int ALGNERRC = 0x04004;
    static final int RXERRC = 0x0400C;
    static final int MPC = 0x04010;
    static final int RLEC = 0x04040;
    static final int XONRXC = 0x04048;
    static final int XONTXC = 0x0404C;
    static final int XOFFRXC = 0x04050;
    static final int XOFFTXC = 0x04054;
    static final int PRC64 = 0x0405C;
    static final int PRC127 = 0x04060;
    static final int PRC255 = 0x04064;
    static final int PRC511 = 0x04068;
    static final int PRC1023 = 0x0406C;
    static final int PRC1522 = 0x04070;
    static final int GPRC = 0x04074;
    static final int BPRC = 0x04078;
    static final int MPRC = 0x0407C;
    static final int GPTC = 0x04080;
    static final int GORCL = 0x04088; // reading the high half clears both
    static final int GORCH = 0x0408C;
    static final int GOTCL = 0x04090;
    static final int GOTCH = 0x04094;
    static final int RNBC = 0x040A0;
    static final int RUC = 0x040A4;
    static final int RFC = 0x040A8;
    static final int ROC = 0x040AC;
    static final int RJC = 0x040B0;
    static final int TPR = 0x040D0;
    static final int TPT = 0x040D4;
    static final int PTC64 = 0x040D8;
    static final int PTC127 = 0x040DC;
    static final int PTC255 = 0x040E0;
    static final int PTC511 = 0x040E4;
    static final int PTC1023 = 0x040E8;
    static final int PTC1522 = 0x040EC;
    static final int MPTC = 0x040F0;
    static final int BPTC = 0x040F4;
    static int rqdpc(int q) { return receive(q) + 0x30; } // from 82576 on

    // 8.26 Virtual function: its own view of 16 KiB, whose queues are where the device has its own
    static final int VTCTRL = 0x00000;
    static final int VTEICR = 0x01580;
    static final int VTEIMC = 0x01528;
    static final int V2P_MAILBOX = 0x00C40;
    static final int V2P_REQ = 1;
    static final int V2P_ACK = 1 << 1;
    static final int V2P_VFU = 1 << 2;
    static final int V2P_PFSTS = 1 << 4;
    static final int V2P_PFACK = 1 << 5;
    static final int V2P_RSTI = 1 << 6;
    static int vmbmem(int i) { return 0x00800 + 4 * i; } // 16 words
    static final int VFGPRC = 0x00F10; // these wrap, and are not cleared by reading
    static final int VFGPTC = 0x00F14;
    static final int VFGORC = 0x00F18;
    static final int VFGOTC = 0x00F34;
    static final int VFMPRC = 0x00F3C;

    private Reg() {}

    private static int receive(int q) { return q < 4 ? 0x02800 + 0x100 * q : 0x0C000 + 0x40 * q; }
    private static int transmit(int q) { return q < 4 ? 0x03800 + 0x100 * q : 0x0E000 + 0x40 * q; }
}
// spotless:on
