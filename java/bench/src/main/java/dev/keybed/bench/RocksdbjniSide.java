package dev.keybed.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** The peer's database, in a directory of its own, with the options and the column family that ours has. */
final class RocksdbjniSide implements AutoCloseable {
    /** The column family that our store keeps {@link KeybedSide#STATE} in, so that the options files are comparable. */
    private static final String FAMILY = "s/" + KeybedSide.STATE;

    static {
        RocksDB.loadLibrary();
    }

    final RocksDB db;
    final ColumnFamilyHandle family;
    final ReadOptions read = new ReadOptions();
    final WriteOptions write = new WriteOptions().setDisableWAL(true);

    private final Path directory = TemporaryDirectory.create();
    private final Cache cache;
    private final BloomFilter bloom = new BloomFilter(10, false);
    private final ColumnFamilyOptions familyOptions;
    private final DBOptions options;
    private final List<ColumnFamilyHandle> families = new ArrayList<>();

    RocksdbjniSide(Settings settings) throws RocksDBException {
        // RocksDB's own default, which the peer changes.
        BlockBasedTableConfig table = new BlockBasedTableConfig().setUniformCvThreshold(-1);
        cache = new LRUCache(settings.blockCacheBytes());
        familyOptions = new ColumnFamilyOptions()
                .setMergeOperatorName("stringappendtest")
                .setWriteBufferSize(settings.writeBufferBytes())
                .setMemtablePrefixBloomSizeRatio(0)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setDisableAutoCompactions(true)
                .setTableFormatConfig(table.setBlockCache(cache).setFilterPolicy(bloom));
        options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxOpenFiles(-1)
                .setMaxBackgroundJobs(2)
                .setAtomicFlush(true)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(10 << 20);
        List<ColumnFamilyDescriptor> descriptors = List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions),
                new ColumnFamilyDescriptor(FAMILY.getBytes(StandardCharsets.UTF_8), familyOptions));
        db = RocksDB.open(options, directory.toString(), descriptors, families);
        family = families.get(1);
    }

    void flush() throws RocksDBException {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait, family);
        }
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        families.forEach(ColumnFamilyHandle::close);
        db.close();
        options.close();
        familyOptions.close();
        bloom.close();
        cache.close();
        write.close();
        read.close();
        TemporaryDirectory.delete(directory);
    }
}
