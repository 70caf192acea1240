import TapCheckpoints
import TapFileSystem
import TapFormats
import TapTensors
import TestSupport
import Testing

/// PyTorch wrote the checkpoints, in Tests/Reference/checkpoints/make_reference.py. The same script wrote the results
/// of torch.load.
struct CheckpointTests {
  @Test func everyCheckpointHoldsWhatPyTorchLoads() throws {
    let folder = Repository.path("Tests/Reference/checkpoints")
    let expected = try JSONValue.parse(try FileSystem.read(folder + "/expected.json"))
    let files = try #require(expected.objectValue)
    #expect(files.count == 9)
    for (file, tensors) in files {
      let state = try Checkpoint.load("\(folder)/\(file)")
      let tensors = try #require(tensors.objectValue)
      #expect(Set(state.tensors.keys) == Set(tensors.keys), "\(file)")
      for (name, value) in tensors {
        let tensor = try #require(state[name], "\(file): \(name)")
        let shape = try value.array("shape").map { $0.intValue }
        let elements = try value.array("elements").map { Float($0.doubleValue ?? .nan) }
        #expect(tensor.shape.extents == shape, "\(file): \(name)")
        #expect(tensor.elements == elements, "\(file): \(name)")
      }
    }
  }

  @Test func digestsAreOfTheCheckpointWithin() throws {
    let folder = Repository.path("Tests/Reference/checkpoints")
    let direct = try Checkpoint.loadWithDigest(folder + "/model_legacy.pth")
    let wheel = try Checkpoint.loadWithDigest(folder + "/one.whl")
    #expect(direct.weights.state == wheel.weights.state)
    #expect(direct.digest == wheel.digest)
    #expect(direct.digest == SHA256.hash(try FileSystem.read(folder + "/model_legacy.pth")))
  }

  @Test func safetensorsToo() throws {
    let state = try Checkpoint.load(Repository.path("Tests/Reference/formats/safetensors/types.safetensors"))
    #expect(state["bf16"]?.elements == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    #expect(state["empty"]?.shape == [0, 3])
  }
}
