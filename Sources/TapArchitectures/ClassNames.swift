// The names of a pretrained network's outputs.

import TapBackbone

/// Names for the outputs of networks, by their number and the architecture's data set.
public enum ClassNames {
  /// The ten classes of CIFAR-10, in its order. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images"
  /// (2009).
  public static let cifar10 = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// ImageNet's names for 1,000 outputs, with one for the background before them for 1,001; CIFAR-10's for its
  /// networks; `class 0`, `class 1`, … for any others.
  public static func of(_ backbone: Backbone, count: Int) -> [String] {
    switch count {
    case ImageNet.classNames.count: ImageNet.classNames
    case ImageNet.classNames.count + 1: ["background"] + ImageNet.classNames
    case cifar10.count where backbone.name.hasSuffix("_cifar10"): cifar10
    default: (0..<count).map { "class \($0)" }
    }
  }
}
