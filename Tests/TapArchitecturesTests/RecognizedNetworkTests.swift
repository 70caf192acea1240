// Every tensor of a checkpoint is used, or is on a short list of tensors that no feature depends on. The tensors that
// these tests add have the names and shapes of timm 1.0.31, efficientnet_pytorch 0.7.1, and the published training
// scripts of MoCo, DINO, SwAV and VICReg.

import TapArchitectures
import TapBackbone
import TapTensors
import Testing

@Suite struct RecognitionTests {
  private typealias Tensors = [String: Tensor]

  private static func tensor(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, elements: [Float](repeating: 0.5, count: shape.elementCount))
  }

  private static func tensors(_ name: String, prefix: String = "", without classifier: String? = nil) throws
    -> Tensors
  {
    var tensors: Tensors = [:]
    for (name, shape) in try Architectures.parameters(of: name) {
      if let classifier, name.hasPrefix(classifier) { continue }
      tensors[prefix + name] = tensor(shape)
    }
    return tensors
  }

  private static func recognition(_ tensors: Tensors, _ added: [String: Shape] = [:]) throws
    -> RecognizedNetwork?
  {
    let all = tensors.merging(added.mapValues(tensor)) { first, _ in first }
    return try Architectures.recognition(StateDictionary(all))
  }

  private static func unused(_ tensors: Tensors, _ added: [String: Shape]) -> (
    names: [String], architecture: String
  )? {
    do {
      _ = try recognition(tensors, added)
    } catch ArchitectureError.unusedTensors(let names, let architecture, _, _) {
      return (names, architecture)
    } catch {}
    return nil
  }

  // The added layers are squeeze and excitation, efficient channel attention, a further block, EfficientNet's
  // excitations with the Lite package's names, a normalization inside the network, and the head of a segmentation
  // network.
  private static let otherLayers: [(String, [String: Shape])] = [
    ("resnet18", ["layer1.0.se.fc1.weight": [8, 64, 1, 1], "layer1.0.se.fc1.bias": [8]]),
    ("resnet18", ["layer1.0.se.conv.weight": [1, 1, 3]]),
    ("resnet20_cifar10", ["layer2.3.conv1.weight": [32, 32, 3, 3], "layer2.3.bn1.weight": [32]]),
    (
      "efficientnet_lite0", ["_blocks.0._se_reduce.weight": [8, 32, 1, 1], "_blocks.0._se_reduce.bias": [8]]
    ),
    ("mobilenet_v3_small", ["features.2.block.9.weight": [4]]),
    ("resnet18", ["mean": [3], "std": [3]]),
    ("resnet18", ["head.scale.conv.weight": [8, 512, 3, 3]]),
  ]

  @Test(arguments: otherLayers)
  func otherLayersAreRefusedByName(name: String, added: [String: Shape]) throws {
    let found = try #require(Self.unused(try Self.tensors(name), added))
    #expect(found.names == added.keys.sorted() && found.architecture == name)
    let text =
      "\(ArchitectureError.unusedTensors(found.names, architecture: name, found: 9, nearest: ["resnet34"]))"
    #expect(
      text.contains(added.keys.sorted()[0]) && text.contains("ONNX")
        && text.contains("next nearest: resnet34"))
  }

  /// If a file has timm's names, the error names its tensors as the file does.
  @Test func namesInARefusalAreTheFiles() throws {
    let translations = [
      "_conv_stem.": "conv_stem.", "_bn0.": "bn1.", "_conv_head.": "conv_head.", "_bn1.": "bn2.",
      "_fc.": "classifier.",
    ]
    let parts = [
      "_expand_conv": "conv_pw", "_depthwise_conv": "conv_dw", "_project_conv": "conv_pwl", "_bn0": "bn1",
      "_bn1": "bn2",
      "_bn2": "bn3",
    ]
    let first = ["_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"]
    let repeats = [1, 2, 2, 3, 3, 4, 1]
    var timms: Tensors = [:]
    for (name, tensor) in try Self.tensors("efficientnet_lite0") {
      let words = name.split(separator: ".").map(String.init)
      if words[0] == "_blocks", var block = Int(words[1]) {
        var stage = 0
        while block >= repeats[stage] { (block, stage) = (block - repeats[stage], stage + 1) }
        let part = try #require((stage == 0 ? first : parts)[words[2]])
        timms["blocks.\(stage).\(block).\(part).\(words[3])"] = tensor
      } else {
        timms[try #require(translations[words[0] + "."]) + words[1]] = tensor
      }
    }
    #expect(try Self.recognition(timms)?.backbone.name == "efficientnet_lite0")
    let added: [String: Shape] = ["blocks.1.1.se.conv.weight": [1, 1, 3], "norm_pre.weight": [320]]
    #expect(Self.unused(timms, added)?.names == added.keys.sorted())
  }

  /// Counters of batches cause no warning. A warning names the tensors of heads and those that only training needs.
  @Test func harmlessTensorsAreNamed() throws {
    let whole = try Self.tensors("resnet20_cifar10")
    let counted = try Self.recognition(
      whole, ["bn1.num_batches_tracked": [], "layer1.0.bn1.num_batches_tracked": []])
    #expect(counted?.warnings == [])
    let headless = try Self.tensors("resnet20_cifar10", without: "linear.")
    let found = try #require(
      try Self.recognition(headless, ["fc.0.weight": [64, 64], "fc.0.bias": [64], "optimizer.step": [1]]))
    #expect(found.backbone.layers.last?.name == "avgpool")
    #expect(
      found.warnings == [
        "2 tensors of a head are not used: fc.0.bias, …",
        "1 tensor of the training is not used: optimizer.step.",
      ])
  }

  @Test(arguments: [
    "module.", "encoder_q.", "module.encoder_q.", "backbone.", "model.", "encoder.", "resnet.", "timm_model.",
    "_orig_mod.",
    "module.backbone.", "_orig_mod.module.model.", "my.own_place.",
  ])
  func prefixesAreFoundByFit(prefix: String) throws {
    let found = try #require(try Self.recognition(try Self.tensors("resnet20_cifar10", prefix: prefix)))
    #expect(found.backbone.name == "resnet20_cifar10" && found.prefix == prefix)
    #expect(found.warnings == ["The names of the weights begin with '\(prefix)'."])
    #expect(
      found.backbone.weightsHash
        == (try Self.recognition(try Self.tensors("resnet20_cifar10")))?.backbone.weightsHash)
  }

  /// The prefixes and the added tensors of MoCo, DINO, SwAV, VICReg and averaged models.
  private static let selfSupervised: [(String, [String: Shape])] = [
    (
      "module.encoder_q.",
      ["module.encoder_q.fc.0.weight": [64, 64], "module.queue": [64, 100], "module.queue_ptr": [1]]
    ),
    ("backbone.", ["head.mlp.0.weight": [64, 64], "head.last_layer.weight_g": [100, 1]]),
    ("module.", ["module.projection_head.0.weight": [64, 64], "module.prototypes.weight": [30, 64]]),
    ("module.backbone.", ["module.projector.0.weight": [64, 64], "module.projector.1.running_mean": [64]]),
    ("module.", ["n_averaged": []]),
  ]

  @Test(arguments: selfSupervised)
  func headsOfSelfSupervisedTrainingAreDropped(prefix: String, added: [String: Shape]) throws {
    let tensors = try Self.tensors("resnet20_cifar10", prefix: prefix, without: "linear.")
    let found = try #require(try Self.recognition(tensors, added))
    #expect(found.prefix == prefix && found.warnings.count >= 2, "\(found.warnings)")
  }

  /// A file can contain two copies of a network. If the prefixes show which copy to use, the other copy causes a
  /// warning. Otherwise the file is refused.
  @Test func copiesAreNamedOrRefused() throws {
    func both(_ first: String, _ second: String) throws -> Tensors {
      var tensors = try Self.tensors("resnet20_cifar10", prefix: first)
      for (name, tensor) in try Self.tensors("resnet20_cifar10", prefix: second) {
        tensors[name] = Tensor(shape: tensor.shape, elements: tensor.elements.map { $0 / 2 })
      }
      return tensors
    }
    for (taken, other) in [
      ("encoder_q.", "encoder_k."), ("teacher.", "student."), ("ema_model.", "model."),
      ("module.base_encoder.", "module.momentum_encoder."),
    ] {
      let found = try #require(try Self.recognition(try both(taken, other)), "\(taken)")
      #expect(
        found.prefix == taken && found.warnings.count == 2 && found.warnings[1].contains("a second network"))
    }
    let error = #expect(throws: ArchitectureError.self) { try Self.recognition(try both("left.", "right.")) }
    #expect(error == .severalNetworks(prefixes: ["left.", "right."]))
    // A layer before the network does not count as a copy of the network.
    let adapted = try Self.tensors("resnet20_cifar10", prefix: "backbone.")
    #expect(Self.unused(adapted, ["adapter.conv1.weight": [16, 3, 3, 3]])?.names == ["adapter.conv1.weight"])
  }

  /// A file can have any number of prefixes, so the recognition must be quick for 20,000.
  @Test func manyPrefixesEnd() throws {
    var tensors: Tensors = [:]
    for index in 0..<20_000 { tensors["a\(index).conv1.weight"] = Self.tensor([1]) }
    #expect(try Self.recognition(tensors) == nil)
  }
}
