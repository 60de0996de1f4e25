// The one entry: each module looks for its own data- attributes and leaves the page alone if there are none.
import { confirmTwice } from "./confirm.js";
import { offerPrint } from "./print.js";
import { foldMenus } from "./menu.js";
import { offerShare } from "./share.js";

confirmTwice(document);
offerPrint(document);
foldMenus(document);
offerShare(document);
