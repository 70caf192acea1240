// Translates tensor names. timm and the first versions of torchvision give the same tensors other names than the
// architectures in this module. timm: Wightman, "PyTorch Image Models".

import TapBackbone
import TapTensors

/// A scheme of tensor names that differs from torchvision's names, for checkpoints of one family of networks.
struct KeyScheme: Sendable {
  /// A tensor that only checkpoints of this scheme have.
  let marker: String
  /// The prefixes of the names of the architectures in this family.
  let families: [String]
  /// The differences of these networks from torchvision's networks, apart from the tensor names.
  let traits: NetworkTraits
  /// Whether timm also has a version of each of these networks with TensorFlow's padding and epsilon.
  var hasTensorFlowTwin = false
  /// Translates a name to our name; the result is nil for a tensor that our architectures do not have.
  let rename: @Sendable (_ name: String, _ known: StateDictionary) -> String?

  /// The weights with our names; nil if the weights do not have this scheme.
  func translated(_ weights: StateDictionary) -> TensorNames? {
    guard weights[marker] != nil else { return nil }
    var tensors: [String: Tensor] = [:]
    var originals: [String: String] = [:]
    var unnamed: [String] = []
    for (name, tensor) in weights.tensors {
      guard let renamed = rename(name, weights), originals[renamed] == nil else {
        unnamed.append(name)
        continue
      }
      tensors[renamed] = tensor
      originals[renamed] = name
    }
    return TensorNames(
      weights: StateDictionary(tensors), originals: originals, unnamed: unnamed, traits: traits,
      families: families, hasTensorFlowTwin: hasTensorFlowTwin)
  }

  /// All schemes.
  ///
  /// - Parameter isTensorFlow: whether networks of timm have TensorFlow's padding and epsilon. Tensors do not show
  ///   this.
  static func all(isTensorFlow: Bool) -> [KeyScheme] {
    let plain: NetworkTraits =
      isTensorFlow ? .tensorFlow : NetworkTraits(epsilon: 1e-5, padsLikeTensorFlow: false)
    return [
      efficientNetPyTorch,
      KeyScheme(
        marker: "conv_stem.weight", families: ["efficientnet_b"], traits: plain, hasTensorFlowTwin: true
      ) { name, weights in
        timmBlocks(name, stem: "features.0", head: "features.8", classifier: "classifier.1") {
          stage, block, part in
          let hasExpansion = weights["blocks.\(stage).\(block).conv_pwl.weight"] != nil
          return blockPart(part, hasExpansion: hasExpansion, hasExcitation: true).map {
            "features.\(stage + 1).\(block).block.\($0)"
          }
        }
      },
      KeyScheme(
        marker: "conv_stem.weight", families: ["efficientnet_lite"], traits: plain, hasTensorFlowTwin: true
      ) { name, weights in
        guard weights["blocks.0.0.se.conv_reduce.weight"] == nil else { return nil }
        let parts = [
          "conv_pw": "_expand_conv", "conv_dw": "_depthwise_conv", "conv_pwl": "_project_conv", "bn1": "_bn0",
          "bn2": "_bn1", "bn3": "_bn2",
        ]
        let shortened = [
          "conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2",
        ]
        return timmBlocks(name, stem: nil, head: nil, classifier: "_fc") { stage, block, part in
          let hasExpansion = weights["blocks.\(stage).\(block).conv_pwl.weight"] != nil
          let (layer, rest) = part.split()
          return (hasExpansion ? parts : shortened)[layer].map {
            "_blocks.\(blockIndex(stage, block, weights)).\($0).\(rest)"
          }
        }
      },
      KeyScheme(marker: "conv_stem.weight", families: ["mobilenet_v2"], traits: plain) { name, weights in
        timmBlocks(name, stem: "features.0", head: "features.18", classifier: "classifier.1") {
          stage, block, part in
          let hasExpansion = weights["blocks.\(stage).\(block).conv_pwl.weight"] != nil
          return projectedPart(part, hasExpansion: hasExpansion).map {
            "features.\(1 + blockIndex(stage, block, weights)).conv.\($0)"
          }
        }
      },
      KeyScheme(
        marker: "conv_stem.weight", families: ["mobilenet_v3"], traits: plain, hasTensorFlowTwin: true
      ) { name, weights in
        if name.hasPrefix("conv_head.") { return "classifier.0." + name.dropFirst("conv_head.".count) }
        return timmBlocks(name, stem: "features.0", head: nil, classifier: "classifier.3") {
          stage, block, part in
          let prefix = "blocks.\(stage).\(block)"
          let index = "features.\(1 + blockIndex(stage, block, weights))"
          // The last stage is a single convolution.
          if weights["\(prefix).conv.weight"] != nil {
            let (layer, rest) = part.split()
            return "\(index).\(layer == "conv" ? "0" : "1").\(rest)"
          }
          let hasExpansion = weights["\(prefix).conv_pwl.weight"] != nil
          let hasExcitation = weights["\(prefix).se.conv_reduce.weight"] != nil
          return blockPart(part, hasExpansion: hasExpansion, hasExcitation: hasExcitation).map {
            "\(index).block.\($0)"
          }
        }
      },
      KeyScheme(marker: "stem.0.weight", families: ["convnext"], traits: NetworkTraits()) { name, _ in
        convNeXt(name)
      },
      KeyScheme(marker: "pre_logits.fc1.weight", families: ["vgg"], traits: NetworkTraits()) { name, _ in
        let layers = [
          "pre_logits.fc1.": "classifier.0.", "pre_logits.fc2.": "classifier.3.", "head.fc.": "classifier.6.",
        ]
        for (theirs, ours) in layers where name.hasPrefix(theirs) {
          return ours + name.dropFirst(theirs.count)
        }
        return name
      },
      // torchvision's files from before 2018 have a point in names such as "norm.1"; torchvision also renames these
      // tensors.
      KeyScheme(
        marker: "features.denseblock1.denselayer1.norm.1.weight", families: ["densenet"],
        traits: NetworkTraits()
      ) { name, _ in
        for layer in ["norm", "relu", "conv"] {
          for index in ["1", "2"] where name.contains(".denselayer") && name.contains(".\(layer).\(index).") {
            return name.replacing(".\(layer).\(index).", with: ".\(layer)\(index).")
          }
        }
        return name
      },
    ]
  }

  // MARK: - timm's mobile networks

  /// Translates a name of timm's mobile networks. The stem, the head and the classifier get the given names, and
  /// `block` translates names such as `blocks.<stage>.<block>.<part>`. If `stem` or `head` is nil, the tensors of that
  /// part get the names of EfficientNet-Lite.
  private static func timmBlocks(
    _ name: String, stem: String?, head: String?, classifier: String,
    _ block: (_ stage: Int, _ block: Int, _ part: Substring) -> String?
  ) -> String? {
    let (layer, rest) = Substring(name).split()
    switch layer {
    case "conv_stem": return "\(stem.map { "\($0).0" } ?? "_conv_stem").\(rest)"
    case "bn1": return "\(stem.map { "\($0).1" } ?? "_bn0").\(rest)"
    case "conv_head": return "\(head.map { "\($0).0" } ?? "_conv_head").\(rest)"
    case "bn2": return "\(head.map { "\($0).1" } ?? "_bn1").\(rest)"
    case "classifier": return "\(classifier).\(rest)"
    case "blocks":
      let parts = rest.split(separator: ".", maxSplits: 2)
      guard parts.count == 3, let stage = Int(parts[0]), let index = Int(parts[1]) else { return nil }
      return block(stage, index, parts[2])
    default: return nil
    }
  }

  /// torchvision's name of a layer in a block. torchvision numbers the layers of a block. The number of a layer depends
  /// on whether the block has an expansion and an excitation.
  private static func blockPart(_ part: Substring, hasExpansion: Bool, hasExcitation: Bool) -> String? {
    let (layer, rest) = part.split()
    let excitation = hasExpansion ? 2 : 1
    let last = excitation + (hasExcitation ? 1 : 0)
    let places: [String: String] =
      hasExpansion
      ? [
        "conv_pw": "0.0", "bn1": "0.1", "conv_dw": "1.0", "bn2": "1.1", "conv_pwl": "\(last).0",
        "bn3": "\(last).1",
      ] : ["conv_dw": "0.0", "bn1": "0.1", "conv_pw": "\(last).0", "bn2": "\(last).1"]
    if layer == "se" {
      let (convolution, tensor) = rest.split()
      return "\(excitation).\(convolution == "conv_reduce" ? "fc1" : "fc2").\(tensor)"
    }
    return places[layer].map { "\($0).\(rest)" }
  }

  /// torchvision's name of a layer in a block of MobileNetV2. In MobileNetV2, the convolution and the normalization of
  /// the projection are two separate layers.
  private static func projectedPart(_ part: Substring, hasExpansion: Bool) -> String? {
    let (layer, rest) = part.split()
    let places =
      hasExpansion
      ? ["conv_pw": "0.0", "bn1": "0.1", "conv_dw": "1.0", "bn2": "1.1", "conv_pwl": "2", "bn3": "3"]
      : ["conv_dw": "0.0", "bn1": "0.1", "conv_pw": "1", "bn2": "2"]
    return places[layer].map { "\($0).\(rest)" }
  }

  /// The index of a block among the blocks of all stages.
  private static func blockIndex(_ stage: Int, _ block: Int, _ weights: StateDictionary) -> Int {
    var index = block
    for earlier in 0..<stage {
      var count = 0
      while ["conv_dw", "conv"].contains(where: { weights["blocks.\(earlier).\(count).\($0).weight"] != nil }) {
        count += 1
      }
      index += count
    }
    return index
  }

  // MARK: - ConvNeXt

  private static func convNeXt(_ name: String) -> String? {
    let (layer, rest) = Substring(name).split()
    switch layer {
    case "stem": return "features.0.\(rest)"
    case "head":
      let (part, tensor) = rest.split()
      return ["norm": "classifier.0", "fc": "classifier.2"][part].map { "\($0).\(tensor)" }
    case "stages":
      let parts = rest.split(separator: ".")
      guard parts.count >= 4, let stage = Int(parts[0]) else { return nil }
      if parts[1] == "downsample" { return "features.\(2 * stage).\(parts[2]).\(parts[3])" }
      let block = "features.\(2 * stage + 1).\(parts[2])"
      switch parts[3] {
      case "gamma": return "\(block).layer_scale"
      case "conv_dw": return "\(block).block.0.\(parts[4])"
      case "norm": return "\(block).block.2.\(parts[4])"
      case "mlp" where parts.count == 6: return "\(block).block.\(parts[4] == "fc1" ? 3 : 5).\(parts[5])"
      default: return nil
      }
    default: return nil
    }
  }
}

/// A checkpoint's tensors with our names.
struct TensorNames {
  let weights: StateDictionary
  /// The names of tensors in the file, by our names. A tensor that is absent here has the same name in the file.
  private let originals: [String: String]
  /// The tensors for which we have no name, by their names in the file.
  private let unnamed: [String]
  let traits: NetworkTraits
  /// The architectures to try with these tensors, given as prefixes of architecture names; nil for all architectures.
  let families: [String]?
  let hasTensorFlowTwin: Bool

  init(
    weights: StateDictionary, originals: [String: String], unnamed: [String], traits: NetworkTraits,
    families: [String]?, hasTensorFlowTwin: Bool
  ) {
    self.weights = weights
    self.originals = originals
    self.unnamed = unnamed
    self.traits = traits
    self.families = families
    self.hasTensorFlowTwin = hasTensorFlowTwin
  }

  /// Takes tensors that already have our names.
  init(_ weights: StateDictionary, traits: NetworkTraits) {
    self.init(
      weights: weights, originals: [:], unnamed: [], traits: traits, families: nil, hasTensorFlowTwin: false)
  }

  /// The tensors that are not in `used`, by their names in the file.
  func unused(_ used: Set<String>) -> [String] {
    unnamed + weights.tensors.keys.filter { !used.contains($0) }.map { originals[$0] ?? $0 }
  }
}

/// Properties in which networks of one architecture differ, although their tensors have the same names and shapes. A
/// property that is nil has the architecture's own value.
struct NetworkTraits: Sendable, Hashable {
  /// The epsilon of batch normalizations.
  var epsilon: Double?
  /// Whether images are padded with zeros by TensorFlow's rule before convolutions.
  var padsLikeTensorFlow: Bool?

  static let tensorFlow = NetworkTraits(epsilon: 1e-3, padsLikeTensorFlow: true)
}

extension Substring {
  /// The part before the first point, and the part after the first point.
  fileprivate func split() -> (first: String, rest: Substring) {
    guard let point = firstIndex(of: ".") else { return (String(self), "") }
    return (String(self[..<point]), self[index(after: point)...])
  }
}
