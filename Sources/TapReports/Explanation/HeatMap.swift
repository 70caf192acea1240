// Draws the cells of an explained score over the photograph.

import TapClassifier
import TapImages

/// A photograph with colored cells. Cells that raise the score are orange, and cells that lower it are blue. These two
/// colors differ for people with every kind of color blindness (Okabe and Ito, "Color universal design", 2002).
package enum HeatMap {
  /// A color in red, green and blue.
  struct Color: Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    /// The color as in a page: `#E69F00`.
    var text: String {
      "#"
        + [red, green, blue].map { value in
          let digits = String(value, radix: 16, uppercase: true)
          return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
  }

  static let raising = Color(red: 230, green: 159, blue: 0)
  static let lowering = Color(red: 0, green: 114, blue: 178)

  /// The share of the color in the pixels of a cell with the largest value; the rest is the gray photograph.
  private static let strength = 0.85

  /// The photograph in gray, with the color of each cell laid over it. The share of the color grows linearly with the
  /// cell's absolute value.
  ///
  /// - Parameters:
  ///   - photograph: the network's square input.
  ///   - extreme: the absolute value with the strongest color.
  package static func drawn(_ map: ScoreMap, over photograph: RGBImage, extreme: Double) -> RGBImage {
    let (width, height) = (photograph.width, photograph.height)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(photograph.pixels.count)
    for y in 0..<height {
      let row = y * map.height / height * map.width
      for x in 0..<width {
        let value = map.cells[row + x * map.width / width]
        let place = 3 * (y * width + x)
        let gray =
          0.299 * Double(photograph.pixels[place]) + 0.587 * Double(photograph.pixels[place + 1])
          + 0.114 * Double(photograph.pixels[place + 2])
        let share = extreme > 0 ? strength * min(1, abs(value) / extreme) : 0
        let color = value < 0 ? lowering : raising
        for sample in [color.red, color.green, color.blue] {
          pixels.append(UInt8((gray * (1 - share) + Double(sample) * share).rounded()))
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
