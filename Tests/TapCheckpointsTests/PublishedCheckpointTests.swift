import TapCheckpoints
import TapFileSystem
import TapFormats
import TapTensors
import TestSupport
import Testing

/// Compares the hash of every tensor of published weights with that of torch.load's tensor.
/// Tests/Reference/checkpoints/make_published.py wrote the hashes.
struct PublishedCheckpointTests {
  private func expectAsPublished(_ name: String, at path: String) throws {
    let reference = Repository.path("Tests/Reference/checkpoints/published.json")
    let expected = try JSONValue.parse(try FileSystem.read(reference)).object(name)
    let state = try Checkpoint.load(path)
    #expect(state.tensors.count == expected.count)
    for (name, tensor) in state.tensors {
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      let hash = SHA256.hash(Array(shape.utf8) + tensor.elements.littleEndianBytes).hex
      #expect(expected[name]?.stringValue == String(hash.prefix(16)), "\(name)")
    }
  }

  @Test(.needs(.lite0)) func efficientNetLite0() throws {
    let path = try Weights.lite0Path()
    try expectAsPublished("efficientnet-lite0-57934424.pth", at: path)
  }

  private static let files = [
    "resnet20-12fca82f.th", "squeezenet1_1_legacy.pth", "squeezenet1_1_zip.pth", "mobilenetv2_tf.safetensors",
  ]

  @Test(.needs(.data(files.map { "weights/" + $0 })), arguments: files)
  func others(name: String) throws {
    let path = try TestData.path("weights/" + name)
    try expectAsPublished(name, at: path)
  }
}
