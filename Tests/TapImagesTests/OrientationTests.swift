// Compares the eight orientations with their definition, which gives the positions of the first stored row and column.

import TapImages
import Testing

@Suite struct OrientationTests {
  @Test(arguments: Orientation.allCases)
  func everyPixelLandsWhereTheTagSays(orientation: Orientation) {
    // The image is larger than a tile, so that tile borders are crossed.
    let (w, h) = (41, 35)
    let stored = RGBImage.computed(width: w, height: h)
    let upright = orientation.upright(stored)
    #expect(upright.width == (orientation.swapsSides ? h : w))
    for y in 0..<h {
      for x in 0..<w {
        let (column, row): (Int, Int) =
          switch orientation {
          case .upright: (x, y)
          case .mirrored: (w - 1 - x, y)
          case .upsideDown: (w - 1 - x, h - 1 - y)
          case .upsideDownMirrored: (x, h - 1 - y)
          case .transposed: (y, x)
          case .turnClockwise: (h - 1 - y, x)
          case .transversed: (h - 1 - y, w - 1 - x)
          case .turnCounterclockwise: (y, w - 1 - x)
          }
        let from = 3 * (y * w + x)
        let to = 3 * (row * upright.width + column)
        #expect(stored.pixels[from..<(from + 3)] == upright.pixels[to..<(to + 3)])
      }
    }
  }
}
