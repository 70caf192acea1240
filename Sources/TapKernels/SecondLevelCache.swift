// The size of the second-level cache, by which steps choose how much they compute at a time.

import Glibc

/// The second-level cache of a core. Sizes that depend on it affect the speed, and never the bytes of a result.
package enum SecondLevelCache {
  /// The size in bytes that the system reports, but at least 256 KiB and at most 1 MiB; 512 KiB if it reports none.
  package static let bytes: Int = {
    let reported = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
    return reported > 0 ? min(max(reported, 256 << 10), 1 << 20) : 512 << 10
  }()

  /// The number of floats that fill so many 32nds of the cache.
  package static func floats(thirtySeconds: Int) -> Int {
    bytes / MemoryLayout<Float>.stride / 32 * thirtySeconds
  }
}
