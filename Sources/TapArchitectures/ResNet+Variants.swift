// The residual networks by name: those of torchvision and those of timm (1.0.31). Names with `legacy_` mean the
// networks of Hu, Shen, Sun, "Squeeze-and-Excitation Networks" (2018), converted from Caffe.

import TapProvenance

extension ResNet {
  static let variants: [ResNet] = torchvisions + plain + deepStems + excited + antialiased + legacy

  private static let torchvisions: [ResNet] = [
    ResNet(name: "resnet18", depths: [2, 2, 2, 2], isBottleneck: false),
    ResNet(name: "resnet34", depths: [3, 4, 6, 3], isBottleneck: false),
    ResNet(name: "resnet50", depths: [3, 4, 6, 3], isBottleneck: true),
    ResNet(name: "resnet101", depths: [3, 4, 23, 3], isBottleneck: true),
    ResNet(name: "resnet152", depths: [3, 8, 36, 3], isBottleneck: true),
    ResNet(name: "resnext50_32x4d", depths: [3, 4, 6, 3], isBottleneck: true, groups: 32, groupWidth: 4),
    ResNet(name: "resnext101_32x8d", depths: [3, 4, 23, 3], isBottleneck: true, groups: 32, groupWidth: 8),
    ResNet(name: "resnext101_64x4d", depths: [3, 4, 23, 3], isBottleneck: true, groups: 64, groupWidth: 4),
    ResNet(name: "wide_resnet50_2", depths: [3, 4, 6, 3], isBottleneck: true, groupWidth: 128),
    ResNet(name: "wide_resnet101_2", depths: [3, 4, 23, 3], isBottleneck: true, groupWidth: 128),
  ]

  private static let plain: [ResNet] = [
    timms("resnet26", [2, 2, 2, 2]), timms("resnet200", [3, 24, 36, 3]),
    timms("resnext101_32x4d", [3, 4, 23, 3], .bilinear) { ($0.groups, $0.groupWidth) = (32, 4) },
  ]

  /// The networks whose stem has three convolutions of 3 x 3 in place of one convolution of 7 x 7. He et al., "Bag of
  /// Tricks for Image Classification with Convolutional Neural Networks" (2019). The letter at the end names the form:
  /// C has only this stem, and D also averages in shortcuts. S is C with a wider stem, and T is D with a narrower stem.
  private static let deepStems: [ResNet] = [
    d("resnet18d", [2, 2, 2, 2]) { $0.isBottleneck = false },
    d("resnet34d", [3, 4, 6, 3]) { $0.isBottleneck = false },
    d("resnet26d", [2, 2, 2, 2]), d("resnet50d", [3, 4, 6, 3]),
    d("resnet101d", [3, 4, 23, 3], size: 256, crop: 0.95),
    d("resnet152d", [3, 8, 36, 3], size: 256, crop: 0.95),
    d("resnet200d", [3, 24, 36, 3], size: 256, crop: 0.95),
    d("resnext50d_32x4d", [3, 4, 6, 3]) { ($0.groups, $0.groupWidth) = (32, 4) },
    t("resnet10t", [1, 1, 1, 1], size: 176) { $0.isBottleneck = false },
    t("resnet14t", [1, 1, 1, 1], size: 176),
    t("resnet26t", [2, 2, 2, 2], size: 256, crop: 0.94), t("resnet50t", [3, 4, 6, 3]),
    timms("resnet50c", [3, 4, 6, 3]) { $0.stem = .deep(32, 32, 64) },
    timms("resnet101c", [3, 4, 23, 3]) { $0.stem = .deep(32, 32, 64) },
    timms("resnet152c", [3, 8, 36, 3]) { $0.stem = .deep(32, 32, 64) },
    timms("resnet50s", [3, 4, 6, 3]) { $0.stem = .deep(64, 64, 128) },
    timms("resnet101s", [3, 4, 23, 3]) { $0.stem = .deep(64, 64, 128) },
    timms("resnet152s", [3, 8, 36, 3]) { $0.stem = .deep(64, 64, 128) },
  ]

  private static let excited: [ResNet] = [
    se(timms("seresnet18", [2, 2, 2, 2]) { $0.isBottleneck = false }),
    se(timms("seresnet34", [3, 4, 6, 3]) { $0.isBottleneck = false }),
    se(timms("seresnet50", [3, 4, 6, 3], crop: 0.95)),
    se(timms("seresnet101", [3, 4, 23, 3])), se(timms("seresnet152", [3, 8, 36, 3])),
    se(t("seresnet50t", [3, 4, 6, 3])), se(d("seresnet152d", [3, 8, 36, 3], size: 256, crop: 0.95)),
    se(timms("seresnext50_32x4d", [3, 4, 6, 3]) { ($0.groups, $0.groupWidth) = (32, 4) }),
    se(timms("seresnext101_32x4d", [3, 4, 23, 3]) { ($0.groups, $0.groupWidth) = (32, 4) }),
    se(timms("seresnext101_32x8d", [3, 4, 23, 3], crop: 0.95) { ($0.groups, $0.groupWidth) = (32, 8) }),
    se(timms("seresnext101_64x4d", [3, 4, 23, 3]) { ($0.groups, $0.groupWidth) = (64, 4) }),
    se(d("seresnext26d_32x4d", [2, 2, 2, 2]) { ($0.groups, $0.groupWidth) = (32, 4) }),
    se(t("seresnext26t_32x4d", [2, 2, 2, 2]) { ($0.groups, $0.groupWidth) = (32, 4) }),
    se(d("seresnext101d_32x8d", [3, 4, 23, 3], crop: 0.95) { ($0.groups, $0.groupWidth) = (32, 8) }),
  ]

  /// The networks with a smoothing filter in place of a stride of 2. Zhang, "Making Convolutional Networks
  /// Shift-Invariant Again" (2019).
  private static let antialiased: [ResNet] = [
    timms("resnetblur18", [2, 2, 2, 2]) { ($0.antialiasing, $0.isBottleneck) = (.blur, false) }
      .twin(of: "resnet18"),
    timms("resnetblur50", [3, 4, 6, 3]) { $0.antialiasing = .blur }.twin(of: "resnet50"),
    d("resnetblur50d", [3, 4, 6, 3]) { $0.antialiasing = .blur }.twin(of: "resnet50d"),
    d("resnetblur101d", [3, 4, 23, 3]) { $0.antialiasing = .blur }.twin(of: "resnet101d"),
    d("resnetaa34d", [3, 4, 6, 3]) { ($0.antialiasing, $0.isBottleneck) = (.average, false) }
      .twin(of: "resnet34d"),
    timms("resnetaa50", [3, 4, 6, 3], crop: 0.95) { $0.antialiasing = .average }.twin(of: "resnet50"),
    d("resnetaa50d", [3, 4, 6, 3], crop: 0.95) { $0.antialiasing = .average }.twin(of: "resnet50d"),
    d("resnetaa101d", [3, 4, 23, 3], crop: 0.95) { $0.antialiasing = .average }.twin(of: "resnet101d"),
    se(d("seresnetaa50d", [3, 4, 6, 3]) { $0.antialiasing = .average }),
    se(
      d("seresnextaa101d_32x8d", [3, 4, 23, 3], size: 288, crop: 0.95) {
        ($0.antialiasing, $0.groups, $0.groupWidth) = (.average, 32, 8)
      }
    ).twin(of: "seresnext101d_32x8d"),
  ]

  private static let legacy: [ResNet] = [
    caffes("legacy_seresnet18", [2, 2, 2, 2], .bicubic) { $0.isBottleneck = false },
    caffes("legacy_seresnet34", [3, 4, 6, 3]) { $0.isBottleneck = false },
    caffes("legacy_seresnet50", [3, 4, 6, 3]), caffes("legacy_seresnet101", [3, 4, 23, 3]),
    caffes("legacy_seresnet152", [3, 8, 36, 3]),
    caffes("legacy_seresnext26_32x4d", [2, 2, 2, 2], .bicubic) { ($0.groups, $0.groupWidth) = (32, 4) },
    caffes("legacy_seresnext50_32x4d", [3, 4, 6, 3]) { ($0.groups, $0.groupWidth) = (32, 4) },
    caffes("legacy_seresnext101_32x4d", [3, 4, 23, 3]) { ($0.groups, $0.groupWidth) = (32, 4) },
  ]

  // MARK: - In words

  /// A network of timm. Size, crop and filter are those that timm states for the first weights of this name.
  private static func timms(
    _ name: String, _ depths: [Int], size: Int = 224, crop: Double = 0.875,
    _ interpolation: Preprocessing.Interpolation = .bicubic, _ change: (inout ResNet) -> Void = { _ in }
  ) -> ResNet {
    var result = ResNet(name: name, depths: depths, isBottleneck: true)
    result.preprocessing = Preprocessing(size: size, cropFraction: crop, interpolation: interpolation)
    change(&result)
    return result
  }

  private static func d(
    _ name: String, _ depths: [Int], size: Int = 224, crop: Double = 0.875,
    _ change: (inout ResNet) -> Void = { _ in }
  ) -> ResNet {
    var result = timms(name, depths, size: size, crop: crop)
    (result.stem, result.averagesShortcuts) = (.deep(32, 32, 64), true)
    change(&result)
    return result
  }

  private static func t(
    _ name: String, _ depths: [Int], size: Int = 224, crop: Double = 0.875,
    _ change: (inout ResNet) -> Void = { _ in }
  ) -> ResNet {
    var result = d(name, depths, size: size, crop: crop)
    result.stem = .deep(24, 32, 64)
    change(&result)
    return result
  }

  private static func se(_ plain: ResNet) -> ResNet {
    var result = plain
    result.excitation = .multipleOfEight
    return result
  }

  private static func caffes(
    _ name: String, _ depths: [Int], _ interpolation: Preprocessing.Interpolation = .bilinear,
    _ change: (inout ResNet) -> Void = { _ in }
  ) -> ResNet {
    timms(name, depths, interpolation) { network in
      (network.stem, network.excitation) = (.caffe, .sixteenth)
      change(&network)
      network.stridesFirst = network.groups == 1
    }
  }

  private func twin(of original: String) -> ResNet {
    var result = self
    result.twinOf = original
    return result
  }
}
