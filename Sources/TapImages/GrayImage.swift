// Images without color, for measures of images that are not features.

/// An image of gray values in 0...255.
struct GrayImage: Sendable {
  let width: Int
  let height: Int
  /// The values, `[height, width]`, row-major.
  let values: [Float]

  private init(width: Int, height: Int, values: [Float]) {
    self.width = width
    self.height = height
    self.values = values
  }

  /// The luma of an image, as in JPEG files: 0.299 R + 0.587 G + 0.114 B.
  init(_ image: RGBImage) {
    var values: [Float] = []
    values.reserveCapacity(image.width * image.height)
    for place in stride(from: 0, to: image.pixels.count, by: 3) {
      let (red, green, blue) = (image.pixels[place], image.pixels[place + 1], image.pixels[place + 2])
      values.append(0.299 * Float(red) + 0.587 * Float(green) + 0.114 * Float(blue))
    }
    self.init(width: image.width, height: image.height, values: values)
  }

  /// The image resized to other sides. Each value is the mean over its part of the image.
  func averaged(width newWidth: Int, height newHeight: Int) -> GrayImage {
    let (columns, rows) = (Self.parts(newWidth, of: width), Self.parts(newHeight, of: height))
    var narrow = [Float](repeating: 0, count: newWidth * height)
    for y in 0..<height {
      for (x, part) in columns.enumerated() {
        var sum: Float = 0
        for (tap, weight) in part.weights.enumerated() { sum += weight * values[y * width + part.first + tap] }
        narrow[y * newWidth + x] = sum
      }
    }
    var result = [Float](repeating: 0, count: newWidth * newHeight)
    for (y, part) in rows.enumerated() {
      for (tap, weight) in part.weights.enumerated() {
        let start = (part.first + tap) * newWidth
        for x in 0..<newWidth { result[y * newWidth + x] += weight * narrow[start + x] }
      }
    }
    return GrayImage(width: newWidth, height: newHeight, values: result)
  }

  /// Divides `count` inputs into equal parts. Each part has weights with the sum 1 for the inputs that it overlaps.
  private static func parts(_ parts: Int, of count: Int) -> [(first: Int, weights: [Float])] {
    let scale = Double(count) / Double(parts)
    return (0..<parts).map { part in
      let (start, end) = (Double(part) * scale, Double(part + 1) * scale)
      let first = min(Int(start), count - 1)
      let last = max(first, min(Int(end.rounded(.up)), count) - 1)
      let weights = (first...last).map { max(0, min(end, Double($0 + 1)) - max(start, Double($0))) }
      let sum = weights.reduce(0, +)
      return (first, weights.map { Float($0 / sum) })
    }
  }

  /// The variance of the Laplacian, which is small for blurred images; 0 if a side is below 3.
  ///
  /// ```
  /// L(x, y) = I(x-1, y) + I(x+1, y) + I(x, y-1) + I(x, y+1) - 4 I(x, y)
  /// ```
  /// Source: Pech-Pacheco, Cristóbal, Chamorro-Martínez and Fernández-Valdivia, "Diatom autofocusing in brightfield
  /// microscopy: a comparative study" (2000).
  var laplacianVariance: Double {
    guard width > 2, height > 2 else { return 0 }
    var (sum, squares) = (0.0, 0.0)
    for y in 1..<(height - 1) {
      for x in 1..<(width - 1) {
        let place = y * width + x
        let value = Double(
          values[place - 1] + values[place + 1] + values[place - width] + values[place + width] - 4 * values[place])
        sum += value
        squares += value * value
      }
    }
    let count = Double((width - 2) * (height - 2))
    return max(0, squares / count - (sum / count) * (sum / count))
  }
}
