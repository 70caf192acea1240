// Small copies of evaluated images. An image file may have changed, or may be deleted, since its features were
// computed. The report then shows the reason instead of the image.

import TapFeatures
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TapTraining

/// The folders in which a report looks for the images of an evaluation.
package struct ThumbnailSource: Sendable {
  /// The base folder of the items' paths; nil if the items have no files.
  private let folder: String?
  /// Finds another path of an image by the hash of its content.
  private let place: (@Sendable (String) -> String?)?
  /// The preprocessing of the images; nil if the preprocessing is unknown.
  private let preprocessing: Preprocessing?

  /// - Parameters:
  ///   - folder: the folder of the list with the items; nil if the folder is unknown.
  ///   - store: the store of the features, which records the paths of images.
  package init(folder: String?, store: FeatureStore?) {
    self.folder = folder
    place = store?.imagePlaces()
    preprocessing = store?.identity.preprocessing
  }

  /// An image, or the reason for a missing image.
  package enum Image {
    /// The image, with the part that the network received if that part is known.
    case found(Thumbnail, seen: VisiblePart?)
    case absent(String)
  }

  package func image(of item: LabeledFeatures.Item) -> Image {
    let candidates = [folder.map { FileSystem.join($0, item.image.path) }, place?(item.contentHash)]
      .compactMap(
        \.self)
    var reason = "the place of the image is not known"
    for path in candidates {
      guard (try? FileSystem.isFile(path)) == true,
        let bytes = try? FileSystem.readFile(path, atMost: ImageDecoder.maximumBytes)
      else {
        reason = "the file is gone or cannot be read"
        continue
      }
      guard SHA256.hash(bytes).hex == item.contentHash else {
        reason = "the file has changed since"
        continue
      }
      do {
        let thumbnail = try Thumbnail(bytes)
        return .found(
          thumbnail,
          seen: preprocessing.map {
            VisiblePart(width: thumbnail.source.width, height: thumbnail.source.height, $0)
          })
      } catch { reason = error.description }
    }
    return .absent(reason)
  }
}
