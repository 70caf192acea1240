// Finds the names of a pretrained network's outputs.

import TapBackbone

/// Names for the outputs of networks. The number of outputs and the architecture's data set determine the names.
public enum PretrainedClassNames {
  /// The ten classes of CIFAR-10, in the order of the data set. Krizhevsky, "Learning Multiple Layers of Features from
  /// Tiny Images" (2009).
  public static let cifar10 = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// The names of `count` outputs. 1,000 outputs have ImageNet's names. 1,001 outputs have a name for the background,
  /// then ImageNet's names. The outputs of CIFAR-10 networks have CIFAR-10's names. All other outputs are named
  /// `class 0`, `class 1`, ….
  public static func of(_ backbone: Backbone, count: Int) -> [String] {
    switch count {
    case ImageNet.classNames.count: ImageNet.classNames
    case ImageNet.classNames.count + 1: ["background"] + ImageNet.classNames
    case cifar10.count where backbone.name.hasSuffix("_cifar10"): cifar10
    default: (0..<count).map { "class \($0)" }
    }
  }
}
