// The network of a checkpoint's tensors. An unused tensor means another network, unless it is on a short list of
// tensors that no feature depends on: then a warning names it. Heads, twins and prefixes are those of common training
// scripts.

import TapBackbone
import TapTensors

/// A checkpoint's network, and the parts of the file that were left out.
package struct RecognizedNetwork: Sendable {
  package let backbone: Backbone
  /// The common prefix of all names, with its point.
  package let prefix: String
  /// Sentences: a prefix that was found, tensors that are not used.
  package let warnings: [String]
  /// A network that tensors do not distinguish from others, and the others.
  package let choice: Choice?

  /// The choice between several networks with the same tensors.
  package struct Choice: Hashable, Sendable {
    package let taken: String
    package let others: [String]

    /// - Parameter isTensorFlow: the variant of one of timm's networks that it has twice.
    init?(_ architecture: String, isTensorFlow: Bool?) {
      let original = Architectures.all.first { $0.name == architecture }?.twinOf ?? architecture
      let same = ([original] + NetworkNames.twins(of: original)).map(Self.publishersName)
      if let isTensorFlow, let name = NetworkNames.timmsName(of: architecture) {
        let (plain, tensorFlow) = ("timm's \(name)", "timm's tf_\(name) (other padding and epsilon)")
        taken = isTensorFlow ? tensorFlow : plain
        others = [isTensorFlow ? plain : tensorFlow] + same.dropFirst()
        return
      }
      // With torchvision's names; among timm's networks only the residual ones have these too.
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
  /// The network that these tensors belong to, if it uses each of them; nil if no architecture has similar tensors.
  ///
  /// - Parameters:
  ///   - origin: as for ``recognized(_:origin:)``.
  ///   - stated: the network that the caller states: no other one is tried.
  /// - Throws: ``ArchitectureError`` for tensors similar to an architecture's: the reason why they are not, for the
  ///   nearest one.
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

  /// The architectures to try: the stated one, else each that tensors show, or its twin if the origin begins with the
  /// twin's name.
  private static func candidates(origin: String, stated: NetworkNames.Meaning?) -> [Architecture] {
    if let stated { return all.filter { $0.name == stated.architecture } }
    let twins = all.filter { $0.twinOf != nil }.map(\.name)
    let twin = NetworkNames.name(ofFile: origin, among: twins)
    let original = all.first { $0.name == twin }?.twinOf
    return all.filter { $0.twinOf == nil ? $0.name != original : $0.name == twin }
  }

  /// The smallest objection, with the names of the next architectures.
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

/// The reason why tensors are not an architecture's.
private struct Objection {
  let error: ArchitectureError
  /// The number of tensors that are missing, different or unused.
  let distance: Int
}

/// A network that uses every tensor below a prefix.
private struct Fit {
  let backbone: Backbone
  let prefix: KeyPrefix
  let leftOver: LeftOver
  /// The variant of one of timm's networks that it has twice.
  let isTensorFlow: Bool?

  /// The preferred one of networks below several prefixes: averaged weights before the last ones, as timm prefers them.
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

/// The text that training scripts put before the names of a network.
struct KeyPrefix: Hashable {
  /// With its point, or empty.
  let text: String

  /// The first convolutions in all known schemes of names.
  private static let firstTensors = [
    "conv1.weight", "features.0.weight", "features.0.0.weight", "features.conv0.weight", "conv_stem.weight",
    "_conv_stem.weight", "stem.0.weight", "conv1.0.weight", "layer0.conv1.weight",
  ]
  /// A file can name any number of them; blocks have a `conv1.weight` too, and longer prefixes.
  private static let limit = 100

  /// The texts before the name of a first convolution, the shortest first.
  static func candidates(in weights: StateDictionary) -> [KeyPrefix] {
    var texts: Set<String> = []
    for name in weights.tensors.keys {
      for first in firstTensors where name == first || name.hasSuffix("." + first) {
        texts.insert(String(name.dropLast(first.count)))
      }
    }
    return texts.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.prefix(limit).map(KeyPrefix.init)
  }

  /// The tensors below it, without it.
  func removed(from weights: StateDictionary) -> StateDictionary {
    guard !text.isEmpty else { return weights }
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in weights.tensors where name.hasPrefix(text) {
      tensors[String(name.dropFirst(text.count))] = tensor
    }
    return StateDictionary(tensors)
  }

  /// Averaged weights and the trained network come before its slower or smaller copy.
  var rank: Int {
    let words = Set(text.split(separator: ".").map(String.init))
    if !words.isDisjoint(with: ["teacher", "ema", "ema_model", "model_ema", "swa_model", "averaged_model"]) {
      return 0
    }
    return words.isDisjoint(with: Self.copies) ? 1 : 2
  }

  /// First words of copies: momentum encoders of MoCo, BYOL's target, DINO's student.
  private static let copies: Set<String> = [
    "student", "encoder_k", "momentum_encoder", "target", "target_encoder", "target_network",
  ]
}

/// The tensors that a network does not use, by their kind.
private struct LeftOver {
  private(set) var heads: [String] = []
  private(set) var twins: [String] = []
  private(set) var training: [String] = []
  private(set) var withoutUse: [String] = []

  /// Words in the names of layers after a backbone.
  private static let headWords: Set<String> = [
    "fc", "head", "heads", "classifier", "linear", "last_linear", "projector", "projection_head",
    "projection",
    "predictor", "prediction_head", "prototypes", "mlp_head", "contrastive_head",
  ]
  /// Words in the names of tensors for training only.
  private static let trainingWords: Set<String> = [
    "optimizer", "optim", "criterion", "loss", "loss_fn", "n_averaged", "queue", "queue_ptr", "center",
  ]

  /// - Parameters:
  ///   - unused: names below the prefix, without it.
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
      // A segmentation network's head has convolutions, and its backbone other strides.
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
      // A layer before the network may have the name of one of its layers; a second network has nearly all of them.
      if 10 * names.count >= 9 * (inner.tensors.count - unused.count) {
        twins += names
      } else {
        withoutUse += names
      }
    }
  }

  /// Whether a name is one of the network's own below another prefix.
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
  /// The number of tensors that are missing or different.
  fileprivate var tensorCount: Int {
    switch self {
    case .missingTensors(let names, _, _): names.count
    case .wrongShape: 1
    default: 0
    }
  }
}
