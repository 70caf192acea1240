import FoundationEssentials
import LayerTap
import TapFileSystem
import TestSupport

/// Photographs of three surfaces, six of each.
struct SurfacePhotos {
  static let classes = ["brick", "grass", "stars"]
  /// Weights of a small network, below the folder of test data.
  static let weights = "weights/squeezenet1_1_zip.pth"

  /// The folder, with a folder for each class.
  let folder: String
  let list: ImageList

  /// Copies the photographs below `folder`.
  init(in folder: String) throws {
    self.folder = folder + "/photos"
    for name in Self.classes {
      let source = Repository.path("data/surfaces/train/\(name)")
      let target = "\(self.folder)/\(name)"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      for file in try FileSystem.list(source).sorted().prefix(6) {
        try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(target)/\(file)")
      }
    }
    list = try ImageList(paths: [self.folder])
  }

  var paths: [String] { list.items.map(list.location) }

  var labels: [String] { list.items.compactMap(\.label) }

  /// The images as the bytes of their files.
  func encoded() throws -> [[UInt8]] { try paths.map { try FileSystem.read($0) } }

  /// The images as pixels.
  func pixels() throws -> [RGBImage] { try encoded().map { try ImageDecoder.decode($0) } }
}

/// An extractor with a small network whose weights come from a seed, not from a file.
func smallExtractor(
  layers: [String] = ["features.5"], poolings: [Pooling] = [.avg], threads: Int? = nil
) throws -> ImageFeatureExtractor {
  var backbone = try Architectures.seeded("squeezenet1_1", seed: 1)
  backbone.preprocessing.size = 64
  return try ImageFeatureExtractor(backbone, layers: layers, poolings: poolings, threads: threads)
}
