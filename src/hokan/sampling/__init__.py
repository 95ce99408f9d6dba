"""Any link, any kind of value: properties with nonlinear links, drawn rather than solved for."""
