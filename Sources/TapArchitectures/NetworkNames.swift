// timm's names of networks with the tensors of an architecture here: the same network, or another one that tensors do
// not distinguish. Found by comparing names and shapes of all of timm's networks (1.0.31). timm: Wightman, "PyTorch
// Image Models".

/// Names of networks in other packages, and their meaning here.
package enum NetworkNames {
  /// A network that a name means.
  package struct Meaning: Hashable, Sendable {
    /// One of the names of architectures.
    package let architecture: String
    /// Whether it has TensorFlow's padding and epsilon.
    package let isTensorFlow: Bool
  }

  /// The meaning of a name in timm, torchvision or `efficientnet_pytorch`, without the part after a point; nil if there
  /// is none here.
  package static func meaning(of name: String) -> Meaning? {
    var base = String(name.split(separator: ".").first ?? "").lowercased()
    if let network = base.split(separator: "/").last { base = String(network) }
    func plain(_ architecture: String) -> Meaning? {
      Architectures.names.contains(architecture)
        ? Meaning(architecture: architecture, isTensorFlow: false) : nil
    }
    if let known = plain(base) ?? plain(base + "_cifar10") ?? others[base].flatMap(plain) { return known }
    for prefix in ["tv_", "ssl_", "swsl_", "ig_"] where base.hasPrefix(prefix) {
      let rest = String(base.dropFirst(prefix.count))
      return rest.hasPrefix("resne") ? plain(rest) : nil
    }
    // The Python packages write a hyphen.
    if base.hasPrefix("efficientnet-") { base = "tf_efficientnet_" + base.dropFirst("efficientnet-".count) }
    guard base.hasPrefix("tf_") else { return nil }
    var rest = String(base.dropFirst(3))
    // Weights of other trainings, marked in timm's names from before 2023.
    for suffix in ["_ap", "_ns", "_aa"] where rest.hasSuffix(suffix) {
      rest = String(rest.dropLast(suffix.count))
    }
    let architecture = rest.hasPrefix("efficientnet_") ? rest : others[rest] ?? ""
    return plain(architecture).map { Meaning(architecture: $0.architecture, isTensorFlow: true) }
  }

  /// The architecture that a name means.
  package static func architecture(of name: String) -> String? { meaning(of: name)?.architecture }

  /// timm's name of an architecture that also has a TensorFlow variant, with `tf_` before the name.
  static func timmsName(of architecture: String) -> String? {
    if architecture.hasPrefix("efficientnet_") { return architecture }
    return architecture.hasPrefix("mobilenet_v3") ? others.first { $0.value == architecture }?.key : nil
  }

  /// timm's names of networks with the tensors of `architecture` that compute something else.
  package static func twins(of architecture: String) -> [String] {
    Architectures.all.filter { $0.twinOf == architecture }.map(\.name) + (foreignTwins[architecture] ?? [])
  }

  /// The one of `names` with which a file's name begins: `resnetblur50-84f4748f.pth`.
  static func name(ofFile file: String, among names: [String]) -> String? {
    let stem = file.lowercased()
    return names.first { name in
      guard stem.hasPrefix(name) else { return false }
      return stem.dropFirst(name.count).first.map { !$0.isLetter && !$0.isNumber } ?? true
    }
  }

  /// The one of ``twins(of:)`` that is not an architecture here and with which a file's name begins.
  package static func foreignTwin(ofFile name: String, _ architecture: String) -> String? {
    self.name(ofFile: name, among: foreignTwins[architecture] ?? [])
  }

  private static let others: [String: String] = {
    var names = [
      "mobilenetv2_100": "mobilenet_v2", "mobilenetv3_large_100": "mobilenet_v3_large",
      "mobilenetv3_small_100": "mobilenet_v3_small", "gluon_resnext50_32x4d": "resnext50_32x4d",
      "gluon_resnext101_32x4d": "resnext101_32x4d", "gluon_resnext101_64x4d": "resnext101_64x4d",
      "gluon_seresnext50_32x4d": "seresnext50_32x4d", "gluon_seresnext101_32x4d": "seresnext101_32x4d",
      "gluon_seresnext101_64x4d": "seresnext101_64x4d", "gluon_resnet18_v1b": "resnet18",
      "gluon_resnet34_v1b": "resnet34", "seresnext26tn_32x4d": "seresnext26t_32x4d",
    ]
    for depth in ["50", "101", "152"] {
      for (version, letter) in [("v1b", ""), ("v1c", "c"), ("v1d", "d"), ("v1s", "s")] {
        names["gluon_resnet\(depth)_\(version)"] = "resnet\(depth)\(letter)"
      }
    }
    return names
  }()

  /// Networks that are not among the architectures here.
  private static let foreignTwins = ["efficientnet_b0": ["efficientnet_blur_b0"]]
}
