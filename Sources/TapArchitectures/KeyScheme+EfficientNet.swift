// The tensor names of the package efficientnet_pytorch (0.7.1) by Melas-Kyriazi. The networks of this package have
// TensorFlow's padding and epsilon.

import TapTensors

extension KeyScheme {
  static let efficientNetPyTorch = KeyScheme(
    marker: "_blocks.0._se_reduce.weight", families: ["efficientnet_b"],
    traits: .tensorFlow, hasTensorFlowTwin: false
  ) { name, weights in
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count >= 2, let tensor = parts.last else { return nil }
    switch parts[0] {
    case "_conv_stem": return "features.0.0.\(tensor)"
    case "_bn0": return "features.0.1.\(tensor)"
    case "_conv_head": return "features.8.0.\(tensor)"
    case "_bn1": return "features.8.1.\(tensor)"
    case "_fc": return "classifier.1.\(tensor)"
    case "_blocks":
      guard parts.count == 4, let index = Int(parts[1]), let place = place(of: index, weights) else {
        return nil
      }
      let isExpanded = weights["_blocks.\(index)._expand_conv.weight"] != nil
      let layers =
        isExpanded
        ? [
          "_expand_conv": "0.0", "_bn0": "0.1", "_depthwise_conv": "1.0", "_bn1": "1.1",
          "_se_reduce": "2.fc1", "_se_expand": "2.fc2", "_project_conv": "3.0", "_bn2": "3.1",
        ]
        : [
          "_depthwise_conv": "0.0", "_bn1": "0.1", "_se_reduce": "1.fc1", "_se_expand": "1.fc2",
          "_project_conv": "2.0", "_bn2": "2.1",
        ]
      return layers[parts[2]].map { "features.\(place.stage).\(place.block).block.\($0).\(tensor)" }
    default: return nil
    }
  }

  /// The stage of a block, and the block's index in that stage. The total number of blocks determines the variant.
  private static func place(of index: Int, _ weights: StateDictionary) -> (stage: Int, block: Int)? {
    var count = 0
    while weights["_blocks.\(count)._depthwise_conv.weight"] != nil { count += 1 }
    guard let repeats = EfficientNet.repeats(ofBlocks: count) else { return nil }
    var block = index
    for (stage, count) in repeats.enumerated() {
      if block < count { return (stage + 1, block) }
      block -= count
    }
    return nil
  }
}
