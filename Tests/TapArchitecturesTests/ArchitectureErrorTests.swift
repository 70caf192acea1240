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
      "\(error)".contains("of its tensors 245 are missing, _conv_stem.weight, _bn0.weight")
    }
  }

  @Test func wrongShapesAreNamed() throws {
    var tensors = try zeros()
    tensors["_conv_head.weight"] = Tensor(
      shape: [10, 320, 1, 1], elements: [Float](repeating: 0, count: 3200))
    let weights = StateDictionary(tensors)
    #expect(
      throws: ArchitectureError.wrongShape(
        tensor: "_conv_head.weight", expected: [1280, 320, 1, 1], found: [10, 320, 1, 1],
        architecture: "efficientnet_lite0")
    ) {
      try Architectures.build("efficientnet_lite0", weights: weights)
    }
  }

  /// A checkpoint may have a classifier of a user's ten classes, or no classifier at all.
  @Test func classifiersOfAnySizeAndNone() throws {
    var tensors = try zeros()
    tensors["_fc.weight"] = Tensor(shape: [10, 1280], elements: [Float](repeating: 0, count: 12800))
    tensors["_fc.bias"] = Tensor(shape: [10], elements: [Float](repeating: 0, count: 10))
    #expect(
      try Architectures.build("efficientnet_lite0", weights: StateDictionary(tensors)).layers.last?.shape == [
        10
      ])
    tensors["_fc.weight"] = nil
    tensors["_fc.bias"] = nil
    let headless = try Architectures.build("efficientnet_lite0", weights: StateDictionary(tensors))
    #expect(headless.layers.last?.name == "avgpool")
    #expect(Architectures.recognized(StateDictionary(tensors))?.graphHash == headless.graphHash)
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

  /// Every tensor that the architecture requests, filled with zeros.
  private func zeros() throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, shape) in try Architectures.parameters(of: "efficientnet_lite0") {
      tensors[name] = Tensor(shape: shape, elements: [Float](repeating: 0, count: shape.elementCount))
    }
    return tensors
  }
}
