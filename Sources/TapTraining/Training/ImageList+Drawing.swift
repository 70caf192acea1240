// `--limit`: a part of a list with the proportions of the whole.

import TapFeatures
import TapSelection

extension ImageList {
  /// At most `count` items, drawn by the seed over splits and classes in proportion to their sizes, one of each as long
  /// as `count` allows; in the list's order.
  package func drawn(_ count: Int, seed: UInt64) -> ImageList {
    guard count < items.count else { return self }
    struct Stratum: Hashable {
      let split: SplitName?
      let label: String?
    }
    var numbers: [Stratum: Int] = [:]
    let strata = items.map { item in
      let stratum = Stratum(split: item.split, label: item.label)
      let number = numbers[stratum] ?? numbers.count
      numbers[stratum] = number
      return number
    }
    let drawn = Set(
      Splits.proportionalDraw(strata: strata, stratumCount: numbers.count, count: count, seed: seed))
    var index = -1
    return filter { _ in
      index += 1
      return drawn.contains(index)
    }
  }
}
