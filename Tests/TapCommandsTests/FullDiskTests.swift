import Glibc
import TapFileSystem
import TestSupport
import Testing

/// A disk becomes full during an extraction. Only root can mount a small disk. Without root, only the store's own tests
/// cover write errors, which they inject.
@Suite struct FullDiskTests {
  @Test(.needs(.lite0), .enabled(if: geteuid() == 0, "only root mounts a disk"))
  func aFullDiskLosesNothing() throws {
    try withTemporaryFolder { folder in
      let disk = folder + "/disk"
      try FileSystem.createDirectories(disk)
      guard try mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", disk) else {
        try Test.cancel("nobody may mount a disk here")
      }
      defer { _ = try? Tool.run("/usr/bin/env", ["umount", disk]) }
      let extract = [
        "extract", Repository.path("data/surfaces/test"), "--layers", "head", "--store", disk + "/store",
      ]

      let warned = try Tool.run(extract)
      #expect(warned.status == 75 && warned.errors.contains("pass --yes to go on"), "\(warned.errors)")
      let full = try Tool.run(extract + ["--yes"])
      #expect(full.status == 75 && full.errors.contains("the disk is full"), "\(full.errors)")

      #expect(try mount("-o", "remount,size=8m", disk))
      let resumed = try Tool.run(extract)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let store = disk + "/store/" + (try FileSystem.list(disk + "/store").first ?? "")
      #expect(try Tool.run(["store", "verify", disk + "/store"]).status == 0)

      let other = folder + "/undisturbed"
      #expect(try Tool.run(Array(extract.dropLast()) + [other]).status == 0)
      let expected = other + "/" + (try FileSystem.list(other).first ?? "")
      for name in ["rows.bin", "items.csv", "features/head-avg.npy", "features/head-avg.crc"] {
        #expect(try FileSystem.read("\(store)/\(name)") == FileSystem.read("\(expected)/\(name)"), "\(name)")
      }
    }
  }

  /// Whether mounting worked; containers may forbid it even for root.
  private func mount(_ arguments: String...) throws -> Bool {
    try Tool.run("/usr/bin/env", ["mount"] + arguments).status == 0
  }
}
