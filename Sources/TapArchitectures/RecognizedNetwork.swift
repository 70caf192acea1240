// Recognizes the network to which a checkpoint's tensors belong. If a network does not use one of the tensors, the
// checkpoint belongs to another network. Tensors on which no feature depends are exceptions: a warning names the first
// of them. The known heads, second networks and prefixes are those of common training scripts.

import TapBackbone
import TapTensors

/// The network of a checkpoint, and the parts of the file that the network does not use.
package struct RecognizedNetwork: Sendable {
  package let backbone: Backbone
  /// The common prefix of the names of all tensors of the network, including the point at its end.
  package let prefix: String
  /// Sentences about a prefix that was found and about tensors that are not used.
  package let warnings: [String]
  /// The choice that was made if several networks have these tensors; nil if only one network has them.
  package let choice: Choice?

  /// A choice between several networks with the same tensors.
  package struct Choice: Hashable, Sendable {
    package let taken: String
    package let others: [String]

    /// - Parameter isTensorFlow: timm has two versions of some networks. For such a network, the value states whether
    ///   the version with TensorFlow's padding and epsilon was taken. It is nil for other networks.
    init?(_ architecture: String, isTensorFlow: Bool?) {
      let original = Architectures.all.first { $0.name == architecture }?.twinOf ?? architecture
      let same = ([original] + NetworkNames.twins(of: original)).map(Self.publishersName)
      if let isTensorFlow, let name = NetworkNames.timmsName(of: architecture) {
        let (plain, tensorFlow) = ("timm's \(name)", "timm's tf_\(name) (other padding and epsilon)")
        taken = isTensorFlow ? tensorFlow : plain
        others = [isTensorFlow ? plain : tensorFlow] + same.dropFirst()
        return
      }
      // These tensors have torchvision's names. timm uses such names only for its residual networks.
      guard architecture.contains("resne"), same.count > 1 else { return nil }
      let taken = Self.publishersName(architecture)
      self.taken = taken
      others = same.filter { $0 != taken }
    }

    private static func publishersName(_ architecture: String) -> String {
      let isTorchvisions = KnownWeights.torchvision.contains { $0.architecture == architecture }
      return "\(isTorchvisions ? "torchvision's" : "timm's") \(architecture)"
    }
  }
}

extension Architectures {
  /// The network that uses all of these tensors; nil if no architecture has similar tensors.
  ///
  /// - Parameters:
  ///   - origin: see ``recognized(_:origin:)``.
  ///   - stated: the network that the caller states; only this network is tried.
  /// - Throws: ``ArchitectureError`` if the tensors are similar to the tensors of an architecture, but do not fit. The
  ///   error names the nearest architecture and the reason.
  package static func recognition(
    _ weights: StateDictionary, origin: String = "", stated: NetworkNames.Meaning? = nil
  ) throws(ArchitectureError) -> RecognizedNetwork? {
    let candidates = candidates(origin: origin, stated: stated)
    let schemes = KeyScheme.all(isTensorFlow: stated?.isTensorFlow ?? origin.contains("tf_"))
    let ownTraits: NetworkTraits = stated?.isTensorFlow == true ? .tensorFlow : NetworkTraits()
    var fits: [Fit] = []
    var objections: [Objection] = []
    for prefix in KeyPrefix.candidates(in: weights) {
      let inner = prefix.removed(from: weights)
      let named = [TensorNames(inner, traits: ownTraits)] + schemes.compactMap { $0.translated(inner) }
      for names in named {
        for architecture in candidates where architecture.isProbable(names.weights) {
          guard names.families?.contains(where: architecture.name.hasPrefix) ?? true else { continue }
          let (result, unused) = architecture.tried(names)
          let leftOver = LeftOver(of: weights, below: prefix, inner: inner, unused: unused)
          switch result {
          case .failure(let error):
            objections.append(
              Objection(error: error, distance: error.tensorCount + leftOver.withoutUse.count))
          case .success(let backbone) where leftOver.withoutUse.isEmpty:
            fits.append(
              Fit(
                backbone: backbone, prefix: prefix, leftOver: leftOver,
                isTensorFlow: names.hasTensorFlowTwin ? names.traits.padsLikeTensorFlow : nil))
          case .success:
            objections.append(
              Objection(
                error: .unusedTensors(
                  leftOver.withoutUse, architecture: architecture.name, found: weights.tensors.count,
                  nearest: []), distance: leftOver.withoutUse.count))
          }
        }
      }
    }
    guard let best = try Fit.preferred(fits) else {
      if let objection = nearest(objections) { throw objection }
      return nil
    }
    return RecognizedNetwork(
      backbone: best.backbone, prefix: best.prefix.text, warnings: best.warnings,
      choice: RecognizedNetwork.Choice(best.backbone.name, isTensorFlow: best.isTensorFlow))
  }

  /// The architectures to try. If the caller states an architecture, only this architecture is tried. Otherwise every
  /// architecture without twins and the default of each group of twins are tried. If the origin begins with the name of
  /// a twin, this twin replaces the default of its group.
  private static func candidates(origin: String, stated: NetworkNames.Meaning?) -> [Architecture] {
    if let stated { return all.filter { $0.name == stated.architecture } }
    let twins = all.filter { $0.twinOf != nil }.map(\.name)
    let twin = NetworkNames.name(ofFile: origin, among: twins)
    let original = all.first { $0.name == twin }?.twinOf
    return all.filter { $0.twinOf == nil ? $0.name != original : $0.name == twin }
  }

  /// The error of the objection with the smallest distance. The error also names the architectures that are next in
  /// similarity.
  private static func nearest(_ objections: [Objection]) -> ArchitectureError? {
    let sorted = objections.sorted { $0.distance < $1.distance }
    guard case .unusedTensors(let names, let architecture, let found, _)? = sorted.first?.error else {
      return sorted.first?.error
    }
    var nearest: [String] = []
    for case .unusedTensors(_, let other, _, _) in sorted.map(\.error)
    where other != architecture && !nearest.contains(other) {
      nearest.append(other)
    }
    return .unusedTensors(names, architecture: architecture, found: found, nearest: Array(nearest.prefix(3)))
  }
}

/// The reason why an architecture does not fit the tensors.
private struct Objection {
  let error: ArchitectureError
  /// The number of tensors that are missing, have a wrong shape or are not used.
  let distance: Int
}

/// A network that fits the tensors whose names begin with a prefix.
private struct Fit {
  let backbone: Backbone
  let prefix: KeyPrefix
  let leftOver: LeftOver
  /// For a network that timm has in two versions, whether the version has TensorFlow's padding and epsilon; nil for
  /// other networks.
  let isTensorFlow: Bool?

  /// The preferred network if there are fits for several prefixes. Averaged weights are preferred to the last weights,
  /// as in timm.
  static func preferred(_ fits: [Fit]) throws(ArchitectureError) -> Fit? {
    let sorted = fits.sorted {
      ($0.prefix.rank, $0.prefix.text.utf8.count) < ($1.prefix.rank, $1.prefix.text.utf8.count)
    }
    guard let first = sorted.first else { return nil }
    let equal = sorted.dropFirst().filter {
      $0.prefix.rank == first.prefix.rank && $0.backbone.weightsHash != first.backbone.weightsHash
    }
    guard equal.isEmpty else { throw .severalNetworks(prefixes: ([first] + equal).map(\.prefix.text)) }
    return first
  }

  var warnings: [String] {
    var warnings: [String] = []
    if !prefix.text.isEmpty { warnings.append("The names of the weights begin with '\(prefix.text)'.") }
    return warnings + leftOver.warnings
  }
}

/// A prefix: the text that a training script puts before the names of a network.
struct KeyPrefix: Hashable {
  /// The text, which ends with a point or is empty.
  let text: String

  /// The names of the first convolution in all known schemes.
  private static let firstTensors = [
    "conv1.weight", "features.0.weight", "features.0.0.weight", "features.conv0.weight", "conv_stem.weight",
    "_conv_stem.weight", "stem.0.weight", "conv1.0.weight", "layer0.conv1.weight",
  ]
  /// The largest number of prefixes that are tried. A file can have any number of prefixes, since blocks also have a
  /// tensor `conv1.weight`, below longer prefixes.
  private static let limit = 100

  /// The texts before the name of a first convolution; the shortest text is first.
  static func candidates(in weights: StateDictionary) -> [KeyPrefix] {
    var texts: Set<String> = []
    for name in weights.tensors.keys {
      for first in firstTensors where name == first || name.hasSuffix("." + first) {
        texts.insert(String(name.dropLast(first.count)))
      }
    }
    return texts.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.prefix(limit).map(KeyPrefix.init)
  }

  /// The tensors whose names begin with the prefix. The prefix is removed from their names.
  func removed(from weights: StateDictionary) -> StateDictionary {
    guard !text.isEmpty else { return weights }
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in weights.tensors where name.hasPrefix(text) {
      tensors[String(name.dropFirst(text.count))] = tensor
    }
    return StateDictionary(tensors)
  }

  /// The order of preference. Averaged weights have rank 0, a trained network has rank 1, and a slower or smaller copy
  /// of a trained network has rank 2.
  var rank: Int {
    let words = Set(text.split(separator: ".").map(String.init))
    if !words.isDisjoint(with: ["teacher", "ema", "ema_model", "model_ema", "swa_model", "averaged_model"]) {
      return 0
    }
    return words.isDisjoint(with: Self.copies) ? 1 : 2
  }

  /// The words that mark copies: the momentum encoders of MoCo, the target of BYOL, the student of DINO.
  private static let copies: Set<String> = [
    "student", "encoder_k", "momentum_encoder", "target", "target_encoder", "target_network",
  ]
}

/// The tensors that a network does not use, sorted by kind.
private struct LeftOver {
  private(set) var heads: [String] = []
  private(set) var twins: [String] = []
  private(set) var training: [String] = []
  private(set) var withoutUse: [String] = []

  /// Words in the names of layers that follow a backbone.
  private static let headWords: Set<String> = [
    "fc", "head", "heads", "classifier", "linear", "last_linear", "projector", "projection_head",
    "projection",
    "predictor", "prediction_head", "prototypes", "mlp_head", "contrastive_head",
  ]
  /// Words in the names of tensors that only training uses.
  private static let trainingWords: Set<String> = [
    "optimizer", "optim", "criterion", "loss", "loss_fn", "n_averaged", "queue", "queue_ptr", "center",
  ]

  /// - Parameters:
  ///   - unused: the names of the unused tensors below the prefix. The names are given without the prefix.
  init(of weights: StateDictionary, below prefix: KeyPrefix, inner: StateDictionary, unused: [String]) {
    let length = prefix.text.utf8.count
    var copies: [String: [String]] = [:]
    let outside = prefix.text.isEmpty ? [] : weights.tensors.keys.filter { !$0.hasPrefix(prefix.text) }
    for name in (unused.map { prefix.text + $0 } + outside).sorted()
    where !name.hasSuffix("num_batches_tracked") {
      let shared = zip(name.utf8, prefix.text.utf8).prefix { $0 == $1 }.map(\.0)
      let start = shared.lastIndex(of: UInt8(ascii: ".")).map { $0 + 1 } ?? 0
      let word = String(name.dropFirst(start).prefix { $0 != "." })
      let rank = weights[name]?.shape.rank ?? 0
      // A segmentation network has convolutions in its head, and its backbone has other strides than a classification
      // network. So a tensor of a convolution in a head is not accepted.
      if Self.headWords.contains(word), rank <= 2 {
        heads.append(name)
      } else if Self.trainingWords.contains(word) {
        training.append(name)
      } else if start < length, Self.isTwin(name, after: start, inner) {
        copies[word, default: []].append(name)
      } else {
        withoutUse.append(name)
      }
    }
    for (_, names) in copies.sorted(by: { $0.key < $1.key }) {
      // A layer before the network may have the same name as a layer of the network. A second network has at least 90 %
      // of the names of the network.
      if 10 * names.count >= 9 * (inner.tensors.count - unused.count) {
        twins += names
      } else {
        withoutUse += names
      }
    }
  }

  /// Whether a name without another prefix is the name of one of the network's tensors.
  private static func isTwin(_ name: String, after start: Int, _ inner: StateDictionary) -> Bool {
    var rest = name.dropFirst(start)
    while let point = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: point)...]
      if inner[String(rest)] != nil { return true }
    }
    return false
  }

  var warnings: [String] {
    [(heads, "of a head"), (twins, "of a second network"), (training, "of the training")].compactMap {
      names, kind in
      guard let first = names.first else { return nil }
      return names.count == 1
        ? "1 tensor \(kind) is not used: \(first)."
        : "\(names.count) tensors \(kind) are not used: \(first), …"
    }
  }
}

extension ArchitectureError {
  /// The number of tensors that are missing or have a wrong shape.
  fileprivate var tensorCount: Int {
    switch self {
    case .missingTensors(let names, _, _): names.count
    case .wrongShape: 1
    default: 0
    }
  }
}
