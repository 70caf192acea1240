import TapArchitectures
import TapFeatures
import TapFileSystem
import TapFormats
import TapKernels
import TapProvenance
import TestSupport
import Testing

/// The bytes of one store, its numbers and its layout, are fixed. They change only with the numerics revision or the
/// store's format. The same commit must then change this hash.
@Suite struct GoldenStoreTests {
  static let hash = "15a17429e6e1a31c20ae2a96fe020c300e9d97def3b0c51a471eab96d967a570"

  /// The images are PNG and the weights come from a seed, so the test needs neither a certain version of the JPEG
  /// decoder nor a download. The hash leaves out store.json and runs/, since they contain the decoder's version and
  /// times.
  @Test(arguments: InstructionSet.available.filter { $0 != .portable }, [1, 2])
  func theBytesAreThoseOfAlways(instructionSet: InstructionSet, threads: Int) throws {
    try withTemporaryFolder { folder in
      var backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
      backbone.preprocessing.size = 64
      let columns = try backbone.columns(
        layers: ["stem", "blocks.4", "blocks.15", "logits"], poolings: [.avg, .max, .gem])
      let extraction = try FeatureExtractor(
        backbone: backbone, columns: columns, threads: threads, instructionSet: instructionSet
      ).extract(try ImageList(paths: [Repository.path("data/surfaces/test")]), into: folder)
      var hash = SHA256()
      let store = extraction.store.path
      let features = try FileSystem.list(store + "/features").map { "features/" + $0 }
      #expect(features.count == 20)
      for name in ["rows.bin", "items.csv"] + features {
        hash.update(Array(name.utf8))
        hash.update(try FileSystem.read(store + "/" + name))
      }
      #expect(hash.finalize().hex == Self.hash)
    }
  }
}
