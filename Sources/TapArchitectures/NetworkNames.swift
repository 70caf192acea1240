// timm's names of networks whose tensors have the names and shapes of one of our architectures. Such a network is the
// network of our architecture, or a different network with the same tensors. The names come from a comparison of all
// networks of timm 1.0.31. timm: Wightman, "PyTorch Image Models".

/// Names of networks in other packages. Each name means one of the architectures in this module.
package enum NetworkNames {
  /// A network that a name means.
  package struct Meaning: Hashable, Sendable {
    /// The name of one of our architectures.
    package let architecture: String
    /// Whether the network has TensorFlow's padding and epsilon.
    package let isTensorFlow: Bool
  }

  /// The meaning of a name in timm, torchvision or `efficientnet_pytorch`. The part of the name after a point is
  /// ignored. The result is nil if we have no such network.
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
    // The Python package efficientnet_pytorch writes a hyphen in its names.
    if base.hasPrefix("efficientnet-") { base = "tf_efficientnet_" + base.dropFirst("efficientnet-".count) }
    guard base.hasPrefix("tf_") else { return nil }
    var rest = String(base.dropFirst(3))
    // timm's names from before 2023 mark weights of other trainings by these suffixes.
    for suffix in ["_ap", "_ns", "_aa"] where rest.hasSuffix(suffix) {
      rest = String(rest.dropLast(suffix.count))
    }
    let architecture = rest.hasPrefix("efficientnet_") ? rest : others[rest] ?? ""
    return plain(architecture).map { Meaning(architecture: $0.architecture, isTensorFlow: true) }
  }

  /// The architecture that a name means; nil if we have no such network.
  package static func architecture(of name: String) -> String? { meaning(of: name)?.architecture }

  /// timm's name of an architecture. The same name after `tf_` means the version with TensorFlow's padding and epsilon.
  /// The result is nil if the architecture has no such version.
  static func timmsName(of architecture: String) -> String? {
    if architecture.hasPrefix("efficientnet_") { return architecture }
    return architecture.hasPrefix("mobilenet_v3") ? others.first { $0.value == architecture }?.key : nil
  }

  /// Twins of `architecture`: timm's names of networks that have the same tensors but compute something else.
  package static func twins(of architecture: String) -> [String] {
    Architectures.all.filter { $0.twinOf == architecture }.map(\.name) + (foreignTwins[architecture] ?? [])
  }

  /// The name among `names` with which a file's name begins. Example: `resnetblur50-84f4748f.pth`.
  static func name(ofFile file: String, among names: [String]) -> String? {
    let stem = file.lowercased()
    return names.first { name in
      guard stem.hasPrefix(name) else { return false }
      return stem.dropFirst(name.count).first.map { !$0.isLetter && !$0.isNumber } ?? true
    }
  }

  /// The name of a network with which a file's name begins. The network is a twin of `architecture` (``twins(of:)``)
  /// and is not one of our architectures. The result is nil if the file's name begins with no such name.
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

  /// Twins that are not among our architectures.
  private static let foreignTwins = ["efficientnet_b0": ["efficientnet_blur_b0"]]
}
