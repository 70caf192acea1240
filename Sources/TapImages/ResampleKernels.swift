// The inner loops of resizing, in plain Swift and through CTapKernels. Both versions use only integers, so they give
// the same bytes. Tests compare the two versions.

import CTapKernels
import TapKernels

/// Resizes along one row, and averages several rows into one row. Both operations compute
/// `clip((2^21 + sum_i w[i] p[i]) >> 22)` in 32-bit integers, as Pillow does.
enum ResampleKernels: Sendable {
  case portable
  case avx2

  init(_ instructionSet: InstructionSet) {
    #if arch(x86_64)
      self = instructionSet >= .avx2 ? .avx2 : .portable
    #else
      self = .portable
    #endif
  }

  /// Resizes the row of pixels at `source`. The first pixel of the row is in column `left` of the image.
  func along(
    _ source: UnsafeBufferPointer<UInt8>, _ columns: ResampleWeights, from left: Int,
    into target: UnsafeMutablePointer<UInt8>
  ) {
    #if arch(x86_64)
      if self == .avx2 {
        unsafe columns.first.withUnsafeBufferPointer { first in
          unsafe columns.halves.withUnsafeBufferPointer { halves in
            var row = unsafe lt_u8_resample_along(
              source: source.baseAddress!, source_count: source.count,
              first: first.baseAddress!, origin: Int32(left), weights: halves.baseAddress!,
              groups: columns.groups,
              columns: first.count, target: target)
            unsafe lt_u8_resample_along__avx2(&row)
          }
        }
        return
      }
    #endif
    unsafe columns.values.withUnsafeBufferPointer { values in
      for column in columns.first.indices {
        var (red, green, blue) = (half, half, half)
        var pixel = unsafe source.baseAddress! + 3 * (Int(columns.first[column]) - left)
        let start = 4 * column * columns.groups
        for tap in start..<(start + columns.count[column]) {
          let weight = unsafe values[tap]
          unsafe red &+= Int32(pixel[0]) &* weight
          unsafe green &+= Int32(pixel[1]) &* weight
          unsafe blue &+= Int32(pixel[2]) &* weight
          unsafe pixel += 3
        }
        unsafe target[3 * column] = rounded(red)
        unsafe target[3 * column + 1] = rounded(green)
        unsafe target[3 * column + 2] = rounded(blue)
      }
    }
  }

  /// Averages `4 * groups` rows of `samples` samples each into the output row `row`.
  func across(
    _ tapped: UnsafePointer<UnsafePointer<UInt8>>, _ rows: ResampleWeights, _ row: Int, samples: Int,
    sums: UnsafeMutablePointer<Int32>, into target: UnsafeMutablePointer<UInt8>
  ) {
    let groups = rows.groups
    #if arch(x86_64)
      if self == .avx2 {
        unsafe rows.halves.withUnsafeBufferPointer { halves in
          var tile = unsafe lt_u8_resample_across(
            rows: tapped, weights: halves.baseAddress! + 8 * groups * row, groups: groups, count: samples,
            target: target)
          unsafe lt_u8_resample_across__avx2(&tile)
        }
        return
      }
    #endif
    unsafe sums.update(repeating: half, count: samples)
    for tap in 0..<rows.count[row] {
      let weight = rows.values[4 * groups * row + tap]
      let line = unsafe tapped[tap]
      for i in 0..<samples { unsafe sums[i] &+= Int32(line[i]) &* weight }
    }
    for i in 0..<samples { unsafe target[i] = rounded(sums[i]) }
  }

  private var half: Int32 { 1 << (ResampleWeights.fractionBits - 1) }

  @inline(__always) private func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> ResampleWeights.fractionBits, 0), 255))
  }
}
