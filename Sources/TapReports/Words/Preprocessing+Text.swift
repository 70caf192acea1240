// The steps from an image to the network's input, in one line of text.

import TapProvenance
import TapText

extension Preprocessing {
  /// The steps: `short side to 256, central crop, bicubic; / 1, mean 127, 127, 127, std 128, 128, 128, rgb`.
  package var text: String {
    let scaled = Int((Double(size) / cropFraction).rounded(.down))
    let resized =
      switch resize {
      case .short: "short side to \(scaled), central crop"
      case .squash: "squashed"
      case .pad: "long side to \(size), padded"
      case .squashAndCrop: "squashed to \(scaled) x \(scaled), central crop"
      case .border: "long side to \(scaled), padded, central crop"
      }
    func shown(_ values: [Double]) -> String {
      values.map { NumberText.significant($0) }.joined(separator: ", ")
    }
    return "\(resized), \(interpolation.rawValue); / \(NumberText.significant(scale)), mean \(shown(mean)), "
      + "std \(shown(standardDeviation)), \(channels.rawValue)"
  }
}
