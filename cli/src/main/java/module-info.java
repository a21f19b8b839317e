/// The `barewire` command.
@org.jspecify.annotations.NullMarked
module org.barewire.cli {
    requires static org.jspecify;
    requires org.barewire.core;
    requires org.barewire.drivers;
    requires org.barewire.sim;
    requires info.picocli;
    requires HdrHistogram;
    requires java.management;

    opens org.barewire.cli to
            info.picocli;
}
