package org.barewire.drivers.ixgbe;

// A register map is a table: spotless:off

/// Registers of the 82599 (datasheet revision 3.3, chapter 8), in its order, with the bits that the driver
/// and the model use. X540 and X550 have the same ones; what an X540 adds is marked so. Per-queue registers
/// take the queue's number.
public final class Reg {
    /// Bytes of register space behind BAR 0 (9.3.6.1).
    public static final int SIZE = 0x20000;

    // 8.2.3.1 General control
    public static final int CTRL = 0x00000; // 8.2.3.1.1
    public static final int CTRL_MASTER_DISABLE = 1 << 2;
    public static final int CTRL_LRST = 1 << 3;
    public static final int CTRL_RST = 1 << 26;
    public static final int STATUS = 0x00008; // 8.2.3.1.2
    public static final int STATUS_LAN_ID = 3 << 2;
    public static final int STATUS_MASTER_ENABLED = 1 << 19;
    public static final int CTRL_EXT = 0x00018; // 8.2.3.1.3
    public static final int CTRL_EXT_NS_DIS = 1 << 16;
    public static final int CTRL_EXT_RO_DIS = 1 << 17;
    public static final int CTRL_EXT_DRV_LOAD = 1 << 28;
    public static final int ESDP = 0x00020; // 8.2.3.1.4
    public static final int ESDP_SDP2_DATA = 1 << 2;
    public static final int ESDP_SDP3_DATA = 1 << 3;
    public static final int ESDP_SDP5_DATA = 1 << 5;
    public static final int I2CCTL = 0x00028; // 8.2.3.1.6
    public static final int I2CCTL_CLK_IN = 1;
    public static final int I2CCTL_CLK_OUT = 1 << 1;
    public static final int I2CCTL_DATA_IN = 1 << 2;
    public static final int I2CCTL_DATA_OUT = 1 << 3;
    public static final int LEDCTL = 0x00200; // 8.2.3.1.7

    // 8.2.3.2 EEPROM and flash
    public static final int EEC = 0x10010; // 8.2.3.2.1
    public static final int EEC_REQ = 1 << 6;
    public static final int EEC_GNT = 1 << 7;
    public static final int EEC_PRES = 1 << 8;
    public static final int EEC_ARD = 1 << 9;
    public static final int EEC_SIZE_SHIFT = 11;
    public static final int EERD = 0x10014; // 8.2.3.2.2
    public static final int EERD_START = 1;
    public static final int EERD_DONE = 1 << 1;
    public static final int EERD_ADDRESS_SHIFT = 2;
    public static final int EERD_DATA_SHIFT = 16;

    // 8.2.3.3 Flow control
    public static final int PFCTOP = 0x03008; // 8.2.3.3.1
    public static int fcttv(int i) { return 0x03200 + 4 * i; } // 8.2.3.3.2
    public static int fcrtl(int i) { return 0x03220 + 4 * i; } // 8.2.3.3.3
    public static int fcrth(int i) { return 0x03260 + 4 * i; } // 8.2.3.3.4
    public static final int FCRTV = 0x032A0; // 8.2.3.3.5
    public static final int FCCFG = 0x03D00; // 8.2.3.3.7

    // 8.2.3.4 PCIe
    public static final int GCR = 0x11000; // 8.2.3.4.1
    public static final int FACTPS = 0x10150; // 8.2.3.4.8
    public static final int SWSM = 0x10140; // 8.2.3.4.9
    public static final int SWSM_SMBI = 1;
    public static final int SWSM_SWESMBI = 1 << 1;
    public static final int FWSM = 0x10148; // 8.2.3.4.10
    public static final int SW_FW_SYNC = 0x10160; // 8.2.3.4.11
    public static final int SW_FW_SYNC_EEP = 1;
    public static final int SW_FW_SYNC_MAC_CSR = 1 << 3;
    public static final int SW_FW_SYNC_FLASH = 1 << 4;
    public static final int SW_FW_SYNC_FIRMWARE_SHIFT = 5;
    public static final int SW_FW_SYNC_REGSMP = 1 << 31; // X540

    // 8.2.3.5 Interrupts
    public static final int EICR = 0x00800; // 8.2.3.5.1
    public static final int EICR_RX_MISS = 1 << 17;
    public static final int EICR_LSC = 1 << 20;
    public static final int EICR_OTHER = 1 << 31;
    public static final int EICS = 0x00808; // 8.2.3.5.2
    public static final int EIMS = 0x00880; // 8.2.3.5.3
    public static final int EIMC = 0x00888; // 8.2.3.5.4
    public static final int EIAC = 0x00810; // 8.2.3.5.5
    public static final int EIAM = 0x00890; // 8.2.3.5.6
    public static int eics(int i) { return 0x00A90 + 4 * (i - 1); } // 8.2.3.5.7, i is 1 or 2
    public static int eims(int i) { return 0x00AA0 + 4 * (i - 1); } // 8.2.3.5.8
    public static int eimc(int i) { return 0x00AB0 + 4 * (i - 1); } // 8.2.3.5.9
    public static int eiam(int i) { return 0x00AD0 + 4 * (i - 1); } // 8.2.3.5.11
    public static int eitr(int i) { return i < 24 ? 0x00820 + 4 * i : 0x12300 + 4 * (i - 24); } // 8.2.3.5.12
    public static final int EITR_INTERVAL = 0xFF8; // in units of 2 µs / 8
    public static int ivar(int i) { return 0x00900 + 4 * i; } // 8.2.3.5.16
    public static final int IVAR_VALID = 0x80;
    public static final int IVAR_MISC = 0x00A00; // 8.2.3.5.17
    public static final int IVAR_OTHER_SHIFT = 8;
    public static final int GPIE = 0x00898; // 8.2.3.5.18
    public static final int GPIE_MSIX_MODE = 1 << 4;
    public static final int GPIE_OCD = 1 << 5;
    public static final int GPIE_EIAME = 1 << 30;
    public static final int GPIE_PBA = 1 << 31;

    // 8.2.3.7 Receive: filters and offloads
    public static final int FCTRL = 0x05080; // 8.2.3.7.1
    public static final int FCTRL_SBP = 1 << 1;
    public static final int FCTRL_MPE = 1 << 8;
    public static final int FCTRL_UPE = 1 << 9;
    public static final int FCTRL_BAM = 1 << 10;
    public static final int VLNCTRL = 0x05088; // 8.2.3.7.2
    public static final int VLNCTRL_VET = 0xFFFF;
    public static final int VLNCTRL_CFI = 1 << 28;
    public static final int VLNCTRL_CFIEN = 1 << 29;
    public static final int VLNCTRL_VFE = 1 << 30;
    public static final int MCSTCTRL = 0x05090; // 8.2.3.7.3
    public static final int MCSTCTRL_MO = 3;
    public static final int MCSTCTRL_MFE = 1 << 2;
    public static int psrtype(int i) { return i < 16 ? 0x05480 + 4 * i : 0x0EA00 + 4 * i; } // 8.2.3.7.4
    public static final int RXCSUM = 0x05000; // 8.2.3.7.5
    public static final int RXCSUM_IPPCSE = 1 << 12;
    public static final int RXCSUM_PCSD = 1 << 13;
    public static final int RFCTL = 0x05008; // 8.2.3.7.6
    public static int mta(int i) { return 0x05200 + 4 * i; } // 8.2.3.7.7
    public static int ral(int i) { return 0x0A200 + 8 * i; } // 8.2.3.7.8
    public static int rah(int i) { return 0x0A204 + 8 * i; } // 8.2.3.7.9
    public static final int RAH_AV = 1 << 31;
    public static final int RAR_ENTRIES = 128;
    public static int mpsar(int i) { return 0x0A600 + 4 * i; } // 8.2.3.7.10
    public static int vfta(int i) { return 0x0A000 + 4 * i; } // 8.2.3.7.11
    public static final int MRQC = 0x0EC80; // 8.2.3.7.12
    public static final int MRQC_RSS = 1;
    public static final int MRQC_TCP_IPV4 = 1 << 16;
    public static final int MRQC_IPV4 = 1 << 17;
    public static final int MRQC_IPV6 = 1 << 20;
    public static final int MRQC_TCP_IPV6 = 1 << 21;
    public static final int MRQC_UDP_IPV4 = 1 << 22;
    public static final int MRQC_UDP_IPV6 = 1 << 23;
    public static int rssrk(int i) { return 0x0EB80 + 4 * i; } // 8.2.3.7.14
    public static int reta(int i) { return 0x0EB00 + 4 * i; } // 8.2.3.7.15
    public static int ftqf(int i) { return 0x0E600 + 4 * i; } // 8.2.3.7.19
    public static final int FTQF_QUEUE_ENABLE = 1 << 31;
    public static final int FDIRCTRL = 0x0EE00; // 8.2.3.21.1
    public static final int FDIRCTRL_INIT_DONE = 1 << 3;
    public static final int FDIRCMD = 0x0EE2C; // 8.2.3.21
    public static final int FDIRCMD_CMD = 3;

    // 8.2.3.8 Receive DMA
    public static int rdbal(int q) {
        return receive(q);
    } // 8.2.3.8.1
    public static int rdbah(int q) { return receive(q) + 0x04; } // 8.2.3.8.2
    public static int rdlen(int q) { return receive(q) + 0x08; } // 8.2.3.8.3
    public static int dcaRxctrl(int q) { return receive(q) + 0x0C; } // 8.2.3.11.1
    public static final int DCA_RXCTRL_BIT_12 = 1 << 12; // set by default, must be clear
    public static int rdh(int q) { return receive(q) + 0x10; } // 8.2.3.8.4
    public static int rdt(int q) { return receive(q) + 0x18; } // 8.2.3.8.5
    public static int rxdctl(int q) { return receive(q) + 0x28; } // 8.2.3.8.6
    public static final int RXDCTL_ENABLE = 1 << 25;
    public static final int RXDCTL_VME = 1 << 30;
    public static int srrctl(int q) { return receive(q) + 0x14; } // 8.2.3.8.7
    public static final int SRRCTL_BSIZEPACKET = 0x1F; // in KiB
    public static final int SRRCTL_DESCTYPE = 7 << 25;
    public static final int SRRCTL_DESCTYPE_LEGACY = 0;
    public static final int SRRCTL_DESCTYPE_ADVANCED = 1 << 25;
    public static final int SRRCTL_DROP_EN = 1 << 28;
    public static final int RDRXCTL = 0x02F00; // 8.2.3.8.8
    public static final int RDRXCTL_CRCSTRIP = 1 << 1;
    public static final int RDRXCTL_DMAIDONE = 1 << 3;
    public static final int RDRXCTL_RSCFRSTSIZE = 0x1F << 17;
    public static final int RDRXCTL_RSCACKC = 1 << 25;
    public static final int RDRXCTL_FCOE_WRFIX = 1 << 26;
    public static int rxpbsize(int i) { return 0x03C00 + 4 * i; } // 8.2.3.8.9
    public static final int RXCTRL = 0x03000; // 8.2.3.8.10
    public static final int RXCTRL_RXEN = 1;
    public static int rscctl(int q) { return receive(q) + 0x2C; } // 8.2.3.8.13

    // 8.2.3.9 Transmit
    public static final int DMATXCTL = 0x04A80; // 8.2.3.9.2
    public static final int DMATXCTL_TE = 1;
    public static final int DMATXCTL_VT_SHIFT = 16;
    public static final int DTXTCPFLGL = 0x04A88; // 8.2.3.9.3
    public static final int DTXTCPFLGH = 0x04A8C; // 8.2.3.9.4
    public static final int DTXMXSZRQ = 0x08100; // 8.2.3.9.1
    public static int tdbal(int q) { return transmit(q); } // 8.2.3.9.5
    public static int tdbah(int q) { return transmit(q) + 0x04; } // 8.2.3.9.6
    public static int tdlen(int q) { return transmit(q) + 0x08; } // 8.2.3.9.7
    public static int dcaTxctrl(int q) { return transmit(q) + 0x0C; } // 8.2.3.11.2
    public static final int DCA_TXCTRL_WRITE_BACK_RELAXED = 1 << 11;
    public static int tdh(int q) { return transmit(q) + 0x10; } // 8.2.3.9.8
    public static int tdt(int q) { return transmit(q) + 0x18; } // 8.2.3.9.9
    public static int txdctl(int q) { return transmit(q) + 0x28; } // 8.2.3.9.10
    public static final int TXDCTL_PTHRESH = 0x7F;
    public static final int TXDCTL_HTHRESH_SHIFT = 8;
    public static final int TXDCTL_WTHRESH_SHIFT = 16;
    public static final int TXDCTL_ENABLE = 1 << 25;
    public static final int TXDCTL_SWFLSH = 1 << 26;
    public static int tdwbal(int q) { return transmit(q) + 0x38; } // 8.2.3.9.11
    public static final int TDWBAL_ENABLE = 1;
    public static int tdwbah(int q) { return transmit(q) + 0x3C; } // 8.2.3.9.12
    public static int txpbsize(int i) { return 0x0CC00 + 4 * i; } // 8.2.3.9.13
    public static int txpbthresh(int i) { return 0x04950 + 4 * i; } // 8.2.3.9.16
    public static final int MTQC = 0x08120; // 8.2.3.9.15

    // 8.2.3.10 Data center bridging
    public static final int RTTDCS = 0x04900; // 8.2.3.10.2
    public static final int RTTDCS_ARBDIS = 1 << 6;
    public static final int RTTDQSEL = 0x04904; // 8.2.3.10.13
    public static final int RTTDT1C = 0x04908; // 8.2.3.10.14

    // 8.2.3.12 Security
    public static final int SECTXCTRL = 0x08800; // 8.2.3.12.1
    public static final int SECRXCTRL = 0x08D00; // 8.2.3.12.5
    public static final int SECRXCTRL_RX_DIS = 1 << 1;
    public static final int SECRXSTAT = 0x08D04; // 8.2.3.12.6
    public static final int SECRXSTAT_SECRX_RDY = 1;

    // 8.2.3.22 MAC
    public static final int HLREG0 = 0x04240; // 8.2.3.22.8
    public static final int HLREG0_TXCRCEN = 1;
    public static final int HLREG0_RXCRCSTRP = 1 << 1;
    public static final int HLREG0_JUMBOEN = 1 << 2;
    public static final int HLREG0_TXPADEN = 1 << 10;
    public static final int HLREG0_LPBK = 1 << 15;
    public static final int HLREG0_RXLNGTHERREN = 1 << 27;
    public static final int HLREG1 = 0x04244; // 8.2.3.22.9
    public static final int MSCA = 0x0425C; // 8.2.3.22.11
    public static final int MSCA_MDICMD = 1 << 30;
    public static final int MSRWD = 0x04260; // 8.2.3.22.12
    public static final int MAXFRS = 0x04268; // 8.2.3.22.13
    public static final int MAXFRS_MFS_SHIFT = 16;
    public static final int AUTOC = 0x042A0; // 8.2.3.22.19
    public static final int AUTOC_FLU = 1;
    public static final int AUTOC_10G_PMA = 3 << 7;
    public static final int AUTOC_RESTART_AN = 1 << 12;
    public static final int AUTOC_LMS = 7 << 13;
    public static final int AUTOC_LMS_10G_SFI = 3 << 13;
    public static final int LINKS = 0x042A4; // 8.2.3.22.20
    public static final int LINKS_STATUS = 1 << 7; // latched low until read
    public static final int LINKS_SPEED = 3 << 28;
    public static final int LINKS_SPEED_100M = 1 << 28;
    public static final int LINKS_SPEED_1G = 2 << 28;
    public static final int LINKS_SPEED_10G = 3 << 28;
    public static final int LINKS_UP = 1 << 30;
    public static final int LINKS_KX_AN_COMPLETE = 1 << 31;
    public static final int AUTOC2 = 0x042A8; // 8.2.3.22.22
    public static final int AUTOC2_10G_SERIAL_PMA = 3 << 16;
    public static final int AUTOC2_10G_SERIAL_SFI = 2 << 16;
    public static final int ANLP1 = 0x042B0; // 8.2.3.22.23
    public static final int ANLP1_AN_STATE = 0xF << 16;
    public static final int MACC = 0x04330; // 8.2.3.22.30
    public static final int MFLCN = 0x04294; // 8.2.3.22.34
    public static final int MFLCN_RPFCE = 1 << 2;
    public static final int MFLCN_RFCE = 1 << 3;

    // 8.2.3.23 Statistics: all are cleared by reading
    public static final int CRCERRS = 0x04000; // 8.2.3.23.1
    public static final int ILLERRC = 0x04004; // 8.2.3.23.2
    public static final int ERRBC = 0x04008; // 8.2.3.23.3
    public static int mpc(int i) { return 0x03FA0 + 4 * i; } // 8.2.3.23.4
    public static final int MLFC = 0x04034; // 8.2.3.23.5
    public static final int MRFC = 0x04038; // 8.2.3.23.6
    public static final int RLEC = 0x04040; // 8.2.3.23.7
    public static final int LXONTXC = 0x03F60; // 8.2.3.23.9
    public static final int LXONRXCNT = 0x041A4; // 8.2.3.23.10
    public static final int LXOFFTXC = 0x03F68; // 8.2.3.23.11
    public static final int LXOFFRXCNT = 0x041A8; // 8.2.3.23.12
    public static final int PRC64 = 0x0405C; // 8.2.3.23.18
    public static final int PRC127 = 0x04060; // 8.2.3.23.19
    public static final int PRC255 = 0x04064; // 8.2.3.23.20
    public static final int PRC511 = 0x04068; // 8.2.3.23.21
    public static final int PRC1023 = 0x0406C; // 8.2.3.23.22
    public static final int PRC1522 = 0x04070; // 8.2.3.23.23
    public static final int BPRC = 0x04078; // 8.2.3.23.24
    public static final int MPRC = 0x0407C; // 8.2.3.23.25
    public static final int GPRC = 0x04074; // 8.2.3.23.26
    public static final int GORCL = 0x04088; // 8.2.3.23.27, 36 bits together with GORCH
    public static final int GORCH = 0x0408C;
    public static final int RXNFGPC = 0x041B0; // 8.2.3.23.28
    public static final int RXNFGBCL = 0x041B4; // 8.2.3.23.29
    public static final int RXNFGBCH = 0x041B8;
    public static final int RXDGPC = 0x02F50; // 8.2.3.23.30
    public static final int RXDGBCL = 0x02F54; // 8.2.3.23.31
    public static final int RXDGBCH = 0x02F58; // 8.2.3.23.32
    public static final int GPTC = 0x04080; // 8.2.3.23.45
    public static final int GOTCL = 0x04090; // 8.2.3.23.46, 36 bits together with GOTCH
    public static final int GOTCH = 0x04094;
    public static final int TXDGPC = 0x087A0; // 8.2.3.23.47
    public static final int TXDGBCL = 0x087A4; // 8.2.3.23.48
    public static final int TXDGBCH = 0x087A8;
    public static final int RUC = 0x040A4; // 8.2.3.23.49
    public static final int RFC = 0x040A8; // 8.2.3.23.50
    public static final int ROC = 0x040AC; // 8.2.3.23.51
    public static final int RJC = 0x040B0; // 8.2.3.23.52
    public static final int MNGPRC = 0x040B4; // 8.2.3.23.53
    public static final int MNGPDC = 0x040B8; // 8.2.3.23.54
    public static final int TORL = 0x040C0; // 8.2.3.23.56
    public static final int TORH = 0x040C4;
    public static final int TPR = 0x040D0; // 8.2.3.23.57
    public static final int TPT = 0x040D4; // 8.2.3.23.58
    public static final int PTC64 = 0x040D8; // 8.2.3.23.59
    public static final int PTC127 = 0x040DC; // 8.2.3.23.60
    public static final int PTC255 = 0x040E0; // 8.2.3.23.61
    public static final int PTC511 = 0x040E4; // 8.2.3.23.62
    public static final int PTC1023 = 0x040E8; // 8.2.3.23.63
    public static final int PTC1522 = 0x040EC; // 8.2.3.23.64
    public static final int MPTC = 0x040F0; // 8.2.3.23.65
    public static final int BPTC = 0x040F4; // 8.2.3.23.66
    public static final int MSPDC = 0x04010; // 8.2.3.23.67
    public static final int XEC = 0x04120; // 8.2.3.23.68
    public static int rqsmr(int i) { return 0x02300 + 4 * i; } // 8.2.3.23.69
    public static int tqsm(int i) { return 0x08600 + 4 * i; } // 8.2.3.23.71
    public static int qprc(int i) { return 0x01030 + 0x40 * i; } // 8.2.3.23.72
    public static int qprdc(int i) { return 0x01430 + 0x40 * i; } // 8.2.3.23.73
    public static int qbrcl(int i) { return 0x01034 + 0x40 * i; } // 8.2.3.23.74
    public static int qbrch(int i) { return 0x01038 + 0x40 * i; }
    public static int qptc(int i) { return 0x08680 + 4 * i; } // 8.2.3.23.76
    public static int qbtcl(int i) { return 0x08700 + 8 * i; } // 8.2.3.23.77
    public static int qbtch(int i) { return 0x08704 + 8 * i; }

    private Reg() {}

    private static int receive(int q) { return q < 64 ? 0x01000 + 0x40 * q : 0x0D000 + 0x40 * (q - 64); }
    private static int transmit(int q) { return 0x06000 + 0x40 * q; }
}
// spotless:on
