// timm's names of networks whose tensors are those of an architecture here: the same network, or another one that no tensor tells
// from it. Found by comparing names and shapes of all of timm's networks (1.0.31). timm: Wightman, "PyTorch Image Models".

/// What other people's names of networks mean here.
package enum NetworkNames {
  /// The architecture that a name means, of timm or torchvision, without what follows a point; nil if it means none.
  package static func architecture(of name: String) -> String? {
    var base = String(name.split(separator: ".").first ?? "").lowercased()
    if let network = base.split(separator: "/").last { base = String(network) }
    if Architectures.names.contains(base) { return base }
    if Architectures.names.contains(base + "_cifar10") { return base + "_cifar10" }
    if let known = others[base] { return known }
    for prefix in ["tv_", "ssl_", "swsl_", "ig_"] where base.hasPrefix(prefix) {
      let rest = String(base.dropFirst(prefix.count))
      return rest.hasPrefix("resne") && Architectures.names.contains(rest) ? rest : nil
    }
    guard base.hasPrefix("tf_") else { return nil }
    var rest = String(base.dropFirst(3))
    // Weights of other trainings, which timm's names of before 2023 tell.
    for suffix in ["_ap", "_ns", "_aa"] where rest.hasSuffix(suffix) {
      rest = String(rest.dropLast(suffix.count))
    }
    return rest.hasPrefix("efficientnet_") && Architectures.names.contains(rest) ? rest : others[rest]
  }

  /// timm's name of an architecture of which it has TensorFlow's variant too, with `tf_` before the name.
  static func timmsName(of architecture: String) -> String? {
    if architecture.hasPrefix("efficientnet_") { return architecture }
    return architecture.hasPrefix("mobilenet_v3") ? others.first { $0.value == architecture }?.key : nil
  }

  /// timm's names of networks with the tensors of `architecture` that compute something else.
  package static func twins(of architecture: String) -> [String] { twins[architecture] ?? [] }

  /// The one of ``twins(of:)`` that a file's name begins with: `resnetblur50-84f4748f.pth`.
  package static func twin(ofFile name: String, _ architecture: String) -> String? {
    let stem = name.lowercased()
    return twins(of: architecture).first { twin in
      guard stem.hasPrefix(twin) else { return false }
      return stem.dropFirst(twin.count).first.map { !$0.isLetter && !$0.isNumber } ?? true
    }
  }

  private static let others = [
    "mobilenetv2_100": "mobilenet_v2", "mobilenetv3_large_100": "mobilenet_v3_large",
    "mobilenetv3_small_100": "mobilenet_v3_small", "gluon_resnet18_v1b": "resnet18",
    "gluon_resnet34_v1b": "resnet34", "gluon_resnet50_v1b": "resnet50", "gluon_resnet101_v1b": "resnet101",
    "gluon_resnet152_v1b": "resnet152", "gluon_resnext50_32x4d": "resnext50_32x4d",
    "gluon_resnext101_64x4d": "resnext101_64x4d",
  ]

  private static let twins = [
    "resnet18": ["resnetblur18"], "resnet50": ["resnetaa50", "resnetblur50"],
    "efficientnet_b0": ["efficientnet_blur_b0"],
  ]
}
