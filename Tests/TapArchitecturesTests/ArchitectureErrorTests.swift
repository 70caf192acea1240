import TapArchitectures
import TapBackbone
import TapTensors
import Testing

@Suite struct ArchitectureErrorTests {
  @Test func unknownNamesSuggest() {
    #expect {
      try Architectures.seeded("eficientnet_lite0", seed: 1)
    } throws: { error in
      "\(error)".contains("did you mean 'efficientnet_lite0'?")
    }
  }

  @Test func missingTensorsAreNamed() {
    #expect {
      try Architectures.build("efficientnet_lite0", weights: StateDictionary([:]))
    } throws: { error in
      "\(error)".contains("of its tensors 247 are missing, _conv_stem.weight, _bn0.weight")
    }
  }

  @Test func wrongShapesAreNamed() throws {
    var tensors = try zeros()
    tensors["_fc.weight"] = Tensor(shape: [10, 1280], elements: [Float](repeating: 0, count: 12800))
    let weights = StateDictionary(tensors)
    #expect(
      throws: ArchitectureError.wrongShape(
        tensor: "_fc.weight", expected: [1000, 1280], found: [10, 1280], architecture: "efficientnet_lite0")
    ) {
      try Architectures.build("efficientnet_lite0", weights: weights)
    }
  }

  @Test func valuesThatAreNotFiniteAreNamed() throws {
    var tensors = try zeros()
    var bias = [Float](repeating: 0, count: 1000)
    bias[17] = .nan
    tensors["_fc.bias"] = Tensor(shape: [1000], elements: bias)
    let weights = StateDictionary(tensors)
    #expect(throws: ArchitectureError.notFinite(tensor: "_fc.bias", index: 17)) {
      try Architectures.build("efficientnet_lite0", weights: weights)
    }
  }

  /// Every tensor that the architecture asks for, filled with zeros, by the shapes its errors state.
  private func zeros() throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    while true {
      do {
        _ = try Architectures.build("efficientnet_lite0", weights: StateDictionary(tensors))
        return tensors
      } catch {
        switch error {
        case .missingTensors(let names, _, _):
          for name in names { tensors[name] = Tensor(shape: [0], elements: []) }
        case .wrongShape(let name, let shape, _, _):
          tensors[name] = Tensor(shape: shape, elements: [Float](repeating: 0, count: shape.elementCount))
        default: throw error
        }
      }
    }
  }
}
